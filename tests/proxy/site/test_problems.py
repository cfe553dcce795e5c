"""The error pages people see."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from asklight.site.problems import problem_page
from proxy.site.served import OpenSite


def test_an_address_without_a_page_leads_to_the_start_page(client: TestClient) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"
    assert '<a href="/">' in answer.text


def test_a_fault_says_so_without_the_exceptions_text(open_site: OpenSite) -> None:
    def fail(request: object) -> str:
        raise RuntimeError("sk-secret")

    answer = open_site(own_origin=fail).get("/")
    assert answer.status_code == 500
    assert "Something went wrong on this server" in answer.text
    assert "sk-secret" not in answer.text


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (404, "Nothing is here"),
        (405, "only for reading"),
        (421, "does not answer to that name"),
        (500, "Something went wrong"),
        (410, "Nothing is here"),
        (503, "Something went wrong"),
    ],
)
def test_each_status_has_its_words_and_keeps_its_number(status: int, words: str) -> None:
    page = problem_page(status)
    assert page.status_code == status
    assert words in bytes(page.body).decode()
    assert f">{status}<" in bytes(page.body).decode()
