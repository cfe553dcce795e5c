"""The two faces of the contract: the embedded assistant alone, and the gateway in front of it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

UNKNOWN_ID = "123e4567-e89b-12d3-a456-426614174000"

PAGE = {
    "url": "https://example.com/lights",
    "title": "Lighthouses",
    "content": (
        "Keepers trimmed the wicks every four hours. That is why they were called wickies. "
        "The first Fresnel lens was lit at Cordouan in 1823. It was seen from twenty miles away."
    ),
    "textSelection": None,
}
QUESTION = "When was the first Fresnel lens lit?"


@dataclass(frozen=True)
class Face:
    """One server that speaks the contract.

    :ivar base_url: up to and with ``/v2``.
    :ivar api_key: what ``/identity/init`` takes here.
    """

    base_url: str
    api_key: str

    @contextmanager
    def client(self) -> Iterator[httpx2.Client]:
        """A client without credentials, as a page of the server's own origin would send."""
        origin = self.base_url.removesuffix("/v2")
        with httpx2.Client(base_url=self.base_url, headers={"origin": origin}) as client:
            yield client

    @contextmanager
    def visitor(self) -> Iterator[httpx2.Client]:
        """A client of a visitor nobody has seen before."""
        with self.client() as client:
            session = client.post(
                "/identity/init", json={"apiKey": self.api_key, "saVid": str(uuid.uuid4())}
            )
            assert session.status_code == 201, session.text
            client.headers["authorization"] = f"Bearer {session.json()['sessionToken']}"
            yield client


@contextmanager
def assistant_alone(data_dir: Path) -> Iterator[Face]:
    """``asklight assistant``, as it is shipped, on a port of its own."""
    environment = {
        **os.environ,
        "ASKLIGHT_DATA_DIR": str(data_dir),
        "ASKLIGHT_PORT": "0",
        "ASKLIGHT_ASSISTANT_TOKEN": "operator-token-for-tests",
        "ASKLIGHT_ASSISTANT_KEY": "pk_contract",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "asklight", "assistant"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        address = re.search(r"http://\S+/v2", said)
        assert address, f"no address in {said!r}"
        yield Face(address.group(), "pk_contract")
    finally:
        process.terminate()
        process.communicate(timeout=20)


def new_conversation(client: httpx2.Client) -> str:
    created = client.post("/conversations")
    assert created.status_code == 201, created.text
    return str(created.json()["id"])


def send(client: httpx2.Client, conversation: str, **body: Any) -> httpx2.Response:
    """Ask :data:`QUESTION` about :data:`PAGE`, or what `body` says instead."""
    asked = {"content": QUESTION, "pageContext": PAGE, **body}
    return client.post(f"/conversations/{conversation}/messages", json=asked)


def messages(client: httpx2.Client, conversation: str, **query: Any) -> list[dict[str, Any]]:
    listed = client.get(f"/conversations/{conversation}/messages", params=query)
    assert listed.status_code == 200, listed.text
    assert listed.json()["object"] == "list"
    return list(listed.json()["data"])


def events(body: str) -> list[str]:
    """The data of each event of a stream; comments are passed over."""
    assert body.endswith("\n\n")
    blocks = body.removesuffix("\n\n").split("\n\n")
    lines = [[line for line in block.split("\n") if line[:1] != ":"] for block in blocks]
    datas = [[line for line in block if line.startswith("data:")] for block in lines if block]
    assert all(len(data) == 1 for data in datas)
    return [data[0].removeprefix("data: ") for data in datas]


def chunks(body: str) -> list[dict[str, Any]]:
    """The chunks of a whole stream, which ``[DONE]`` ended."""
    *data, done = events(body)
    assert done == "[DONE]"
    return [json.loads(each) for each in data]


def streamed_text(body: str) -> str:
    return "".join(each["delta"] for each in chunks(body) if each["type"] == "text-delta")


def assert_error(
    response: httpx2.Response, status: int, code: str, **details: object
) -> dict[str, Any]:
    """`response` is the contract's error, with at least these details; gives the error."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith("application/json")
    body = response.json()
    assert body.keys() == {"error"}
    error: dict[str, Any] = body["error"]
    assert error.keys() <= {"message", "code", "details"}
    assert error["code"] == code
    assert isinstance(error["message"], str)
    assert error["message"]
    assert error.get("details", {}) | details == error.get("details", {})
    return error
