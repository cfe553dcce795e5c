"""Secrets: sealed in memory, checked before use, and the one kept beside the data."""

from __future__ import annotations

import copy
import logging
import os
import pickle
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from socket import create_server
from threading import Barrier

import httpx2
import pytest

from asklight.errors import SettingsError
from asklight.sealed import (
    SECRET_LIMIT,
    SIGNING_KEY_MINIMUM_BYTES,
    Sealed,
    fault_in_secret,
    fault_in_signing_key,
)
from asklight.state import secret as secret_module
from asklight.state.secret import kept_secret, new_secret

VALUE = "sk-live-0123456789abcdef"


class TestSealed:
    def test_only_unsealing_shows_it(self, caplog: pytest.LogCaptureFixture) -> None:
        sealed = Sealed(VALUE)
        assert sealed.unseal() == VALUE
        with caplog.at_level(logging.INFO):
            logging.getLogger("test").info("%s %r %s", sealed, sealed, [sealed])
        for shown in (str(sealed), repr(sealed), f"{sealed}", f"{sealed!r:>30}", caplog.text):
            assert VALUE not in shown

    def test_it_is_not_copied_or_written_out(self) -> None:
        @dataclass
        class Holder:
            secret: Sealed

        holder = Holder(Sealed(VALUE))
        assert VALUE not in repr(holder)
        for copying in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError):
                copying(holder.secret)
        with pytest.raises(TypeError):
            asdict(holder)
        assert not hasattr(holder.secret, "__dict__")


class TestFaults:
    @pytest.mark.parametrize("value", ["a", VALUE, "!~", "a" * SECRET_LIMIT])
    def test_printable_ascii_is_a_secret(self, value: str) -> None:
        assert fault_in_secret(value) is None

    @pytest.mark.parametrize(
        "value",
        [
            "",
            f"{VALUE}\n",
            f"{VALUE}\r\nX-Evil: 1",
            f" {VALUE}",
            f"{VALUE} x",
            f"{VALUE}\t",
            f"{VALUE}\x00",
            f"{VALUE}\x7f",
            f"{VALUE}é",
            f"{VALUE}\u2028",
            VALUE * 1_000,
        ],
    )
    def test_anything_else_is_refused_without_being_repeated(self, value: str) -> None:
        for fault in (fault_in_secret(value), fault_in_signing_key(value)):
            assert fault is not None
            assert VALUE not in fault

    def test_an_http_client_would_quote_a_secret_with_a_newline(self) -> None:
        """The control: why it is checked at the start, and why no exception's text is ever logged."""
        headers = {"authorization": f"Bearer {VALUE}\n"}
        with create_server(("127.0.0.1", 0)) as listener, httpx2.Client(trust_env=False) as client:
            address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
            with pytest.raises(httpx2.LocalProtocolError) as failure:
                client.get(address, headers=headers)
        assert VALUE in str(failure.value)

    def test_a_signing_key_is_long_enough_that_nobody_guesses_it(self) -> None:
        assert fault_in_signing_key("k" * SIGNING_KEY_MINIMUM_BYTES) is None
        fault = fault_in_signing_key("k" * (SIGNING_KEY_MINIMUM_BYTES - 1))
        assert fault is not None
        assert "32 bytes" in fault
        assert "asklight keygen" in fault


class TestKeptSecret:
    def test_it_is_made_once_and_then_kept(self, tmp_path: Path) -> None:
        path = tmp_path / "secret"
        first = kept_secret(path).unseal()
        assert path.read_text() == first
        assert kept_secret(path).unseal() == first
        assert kept_secret(tmp_path / "another").unseal() != first
        assert fault_in_signing_key(first) is None

    def test_only_its_owner_may_read_it_whatever_the_mask(self, tmp_path: Path) -> None:
        mask = os.umask(0)
        try:
            kept_secret(tmp_path / "secret")
        finally:
            os.umask(mask)
        assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
        assert [path.name for path in tmp_path.iterdir()] == ["secret"]

    def test_a_line_break_that_an_editor_left_does_not_matter(self, tmp_path: Path) -> None:
        path = tmp_path / "secret"
        path.write_text("k" * 40 + "\n")
        assert kept_secret(path).unseal() == "k" * 40

    def test_processes_that_start_at_once_use_the_same(self, tmp_path: Path) -> None:
        together = Barrier(8)

        def start(path: Path) -> str:
            together.wait()
            return kept_secret(path).unseal()

        with ThreadPoolExecutor(8) as starting:
            for number in range(25):
                path = tmp_path / str(number)
                assert len(set(starting.map(start, [path] * 8))) == 1

    def test_whoever_is_first_wins_while_another_is_still_making_its_own(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "secret"
        first: list[str] = []

        def interrupted() -> str:
            monkeypatch.undo()
            first.append(kept_secret(path).unseal())
            return new_secret()

        monkeypatch.setattr(secret_module, "new_secret", interrupted)
        assert [kept_secret(path).unseal()] == first
        assert [name.name for name in tmp_path.iterdir()] == ["secret"]

    def test_one_that_dies_meanwhile_leaves_nothing_half_written(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full() -> str:
            raise OSError("No space left on device")

        monkeypatch.setattr(secret_module, "new_secret", full)
        with pytest.raises(OSError, match="No space"):
            kept_secret(tmp_path / "secret")
        assert list(tmp_path.iterdir()) == []
        monkeypatch.undo()
        kept_secret(tmp_path / "secret")

    @pytest.mark.parametrize("content", [b"", b"\n", b"short", b"k" * 40 + b" k", b"\xff" * 40])
    def test_a_file_that_holds_no_key_is_a_fault_and_is_not_replaced(
        self, tmp_path: Path, content: bytes
    ) -> None:
        path = tmp_path / "secret"
        path.write_bytes(content)
        with pytest.raises(SettingsError) as fault:
            kept_secret(path)
        assert str(path) in str(fault.value)
        assert "k" * 40 not in str(fault.value)
        assert path.read_bytes() == content

    def test_a_link_to_nowhere_is_not_written_through(self, tmp_path: Path) -> None:
        elsewhere = tmp_path / "elsewhere"
        (tmp_path / "secret").symlink_to(elsewhere)
        with pytest.raises(OSError, match="No such file"):
            kept_secret(tmp_path / "secret")
        assert not elsewhere.exists()


def test_new_secrets_are_long_and_never_the_same() -> None:
    made = {new_secret() for _ in range(100)}
    assert len(made) == 100
    assert {len(secret) for secret in made} == {64}
    assert not [secret for secret in made if fault_in_signing_key(secret)]
