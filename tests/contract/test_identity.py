"""Sessions: who one is, and what happens without."""

from __future__ import annotations

import uuid

import httpx2
import pytest

from contract.faces import UNKNOWN_ID, Face, assert_error

VISITOR_FIELDS = {"object", "id", "type", "externalId", "name", "avatarUrl"}

NEEDING_A_SESSION = [
    ("GET", "/identity/me"),
    ("POST", "/conversations"),
    ("GET", "/conversations"),
    ("GET", f"/conversations/{UNKNOWN_ID}"),
    ("POST", f"/conversations/{UNKNOWN_ID}/close"),
    ("POST", f"/conversations/{UNKNOWN_ID}/messages"),
    ("GET", f"/conversations/{UNKNOWN_ID}/messages"),
    ("POST", f"/messages/{UNKNOWN_ID}/feedback"),
]


def test_the_first_session_is_created_and_the_next_renewed_for_the_same_visitor(
    face: Face, nobody: httpx2.Client
) -> None:
    asked = {"apiKey": face.api_key, "saVid": str(uuid.uuid4())}
    first = nobody.post("/identity/init", json=asked)
    assert first.status_code == 201
    assert first.json().keys() == {"sessionToken", "visitor"}
    assert first.json()["visitor"].keys() == VISITOR_FIELDS
    bearer = {"authorization": f"Bearer {first.json()['sessionToken']}"}
    again = nobody.post("/identity/init", json=asked, headers=bearer)
    assert again.status_code == 200
    assert again.json()["visitor"] == first.json()["visitor"]


def test_a_session_says_whose_it_is(visitor: httpx2.Client, stranger: httpx2.Client) -> None:
    me = visitor.get("/identity/me")
    assert me.status_code == 200
    assert me.json().keys() == VISITOR_FIELDS
    assert (me.json()["object"], me.json()["type"]) == ("visitor", "anonymous")
    assert stranger.get("/identity/me").json()["id"] != me.json()["id"]


@pytest.mark.parametrize(("method", "path"), NEEDING_A_SESSION)
def test_without_a_credential_nothing_is_answered(
    nobody: httpx2.Client, method: str, path: str
) -> None:
    assert_error(nobody.request(method, path), 401, "UNAUTHORIZED")


@pytest.mark.parametrize(
    "authorization", [b"Bearer x.y.z", b"Basic eDp5", b"Bearer", b"x", b"\xff"]
)
def test_a_credential_that_is_none_is_refused(nobody: httpx2.Client, authorization: bytes) -> None:
    headers = {b"authorization": authorization}
    assert_error(nobody.get("/identity/me", headers=headers), 401, "UNAUTHORIZED")


def test_an_altered_token_is_refused(visitor: httpx2.Client) -> None:
    token = visitor.headers["authorization"]
    last = "A" if token[-1] != "A" else "B"
    refused = visitor.get("/identity/me", headers={"authorization": token[:-1] + last})
    assert_error(refused, 401, "UNAUTHORIZED")


def test_another_key_than_the_site_s_is_refused(nobody: httpx2.Client) -> None:
    refused = nobody.post("/identity/init", json={"apiKey": "pk_wrong", "saVid": "someone"})
    assert_error(refused, 401, "UNAUTHORIZED")


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({}, 400, "INVALID_REQUEST_BODY", "apiKey"),
        ({"apiKey": 7}, 400, "INVALID_REQUEST_BODY", "apiKey"),
        ({"apiKey": None}, 400, "INVALID_REQUEST_BODY", "apiKey"),
        ({"apiKey": ""}, 422, "VALIDATION_ERROR", "apiKey"),
        ({"apiKey": "k", "saVid": ""}, 422, "VALIDATION_ERROR", "saVid"),
        ({"apiKey": "k", "saVid": "x" * 101}, 422, "VALIDATION_ERROR", "saVid"),
        ({"apiKey": "k", "saVid": ["x"]}, 400, "INVALID_REQUEST_BODY", "saVid"),
    ],
)
def test_a_session_that_is_asked_for_wrongly_names_the_field(
    nobody: httpx2.Client, body: object, status: int, code: str, field: str
) -> None:
    assert_error(nobody.post("/identity/init", json=body), status, code, field=field)


def test_the_project_says_how_the_widget_looks(face: Face, nobody: httpx2.Client) -> None:
    project = nobody.get("/projects/current", params={"apiKey": face.api_key})
    assert project.status_code == 200
    assert project.json().keys() == {"object", "id", "name", "description", "chatWidgetConfig"}
    assert project.json()["object"] == "project"
    assert project.json()["chatWidgetConfig"]["position"] in ("bottom-left", "bottom-right")


def test_the_project_of_another_key_is_refused(nobody: httpx2.Client) -> None:
    assert_error(nobody.get("/projects/current?apiKey=pk_wrong"), 401, "UNAUTHORIZED")
    missing = nobody.get("/projects/current")
    assert_error(missing, 400, "INVALID_REQUEST_BODY", field="apiKey")
