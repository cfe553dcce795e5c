"""Who may call, and every way to pass for someone else."""

from __future__ import annotations

import string
import time

import pytest

from asklight.assistant.credentials import SESSION_SECONDS, Credentials

CREDENTIALS = Credentials("operator-token", "pk_site")


def test_only_the_exact_token_is_the_operator() -> None:
    assert CREDENTIALS.is_operator("operator-token")
    for wrong in ("", "operator-toke", "operator-token ", "Operator-token", "é", "\udcff"):
        assert not CREDENTIALS.is_operator(wrong)


def test_without_a_publishable_key_no_key_starts_sessions() -> None:
    assert CREDENTIALS.is_publishable_key("pk_site")
    assert not CREDENTIALS.is_publishable_key("pk_other")
    assert not Credentials("operator-token", None).is_publishable_key("")


def test_a_session_token_names_its_visitor() -> None:
    assert CREDENTIALS.visitor_id(CREDENTIALS.mint("someone")) == "someone"


def test_a_token_of_another_deployment_is_refused() -> None:
    assert Credentials("another-token", "pk_site").visitor_id(CREDENTIALS.mint("someone")) is None


def test_no_token_altered_in_one_character_is_accepted() -> None:
    token = CREDENTIALS.mint("someone")
    alphabet = string.ascii_letters + string.digits + "-_.="
    altered = {
        token[:index] + character + token[index + 1 :]
        for index in range(len(token))
        for character in alphabet
    }
    accepted = [other for other in altered - {token} if CREDENTIALS.visitor_id(other) is not None]
    assert accepted == []


@pytest.mark.parametrize("bearer", ["", ".", "..", "x", "é", "operator-token", "a" * 10_000])
def test_what_is_no_token_names_nobody(bearer: str) -> None:
    assert CREDENTIALS.visitor_id(bearer) is None


def test_a_token_ends_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    token = CREDENTIALS.mint("someone")
    later = time.time() + SESSION_SECONDS
    monkeypatch.setattr(time, "time", lambda: later - 2)
    assert CREDENTIALS.visitor_id(token) == "someone"
    monkeypatch.setattr(time, "time", lambda: later + 2)
    assert CREDENTIALS.visitor_id(token) is None
