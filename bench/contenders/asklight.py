"""Asklight as shipped: ``python -m asklight serve`` with sessions, ownership, limits, turns and framing all on.

The limits are raised by settings, since a run is some very busy visitors; the grace period is 0, so that a reader's
leaving ends the upstream at once. Each reader is a conversation, and few readers share a session.
"""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import Any, Final

from asklight import __version__
from bench.contenders.contender import BIN, Contender, Launch, Place, Target
from bench.load.emitter import TOKEN
from bench.machine import BenchError

_ORIGIN: Final = "http://localhost"
_READERS_A_SESSION: Final = 4
_PLENTY: Final = "1000000/minute"


class Asklight(Contender):
    """The proxy, its upstream being the emitter."""

    name = "asklight"
    title = "Asklight, as shipped"

    def version(self) -> str:
        return __version__

    def launch(self, place: Place) -> Launch:
        return Launch(
            [BIN / "python", "-m", "asklight", "serve"],
            {
                "ASKLIGHT_PORT": str(place.port),
                "ASKLIGHT_DATA_DIR": str(place.folder / "data"),
                "ASKLIGHT_UPSTREAM_URL": f"http://127.0.0.1:{place.emitter_port}/v2",
                "ASKLIGHT_UPSTREAM_TOKEN": TOKEN,
                "ASKLIGHT_GRACE_SECONDS": "0",
                "ASKLIGHT_GUARD_CONNECTIONS_PER_ADDRESS": "20000",
                "ASKLIGHT_GUARD_CONNECTIONS": "20000",
                "ASKLIGHT_LIMIT_MESSAGES_PER_SESSION": _PLENTY,
                "ASKLIGHT_LIMIT_MESSAGES_PER_ADDRESS": _PLENTY,
                "ASKLIGHT_LIMIT_CONVERSATIONS_PER_SESSION": _PLENTY,
                "ASKLIGHT_LIMIT_SESSIONS_PER_ADDRESS": _PLENTY,
            },
        )

    def targets(self, place: Place, count: int) -> list[Target]:
        connection = HTTPConnection("127.0.0.1", place.port, timeout=30)
        targets = []
        token = ""
        for number in range(count):
            if number % _READERS_A_SESSION == 0:
                wanted = {"apiKey": "demo", "saVid": "bench"}
                token = _post(connection, "/v2/identity/init", wanted)["sessionToken"]
            identity = _post(connection, "/v2/conversations", {}, token)["id"]
            targets.append(Target(f"/v2/conversations/{identity}/messages", token))
        connection.close()
        return targets


class AsklightDirect(Asklight):
    """The same with the direct path, past ASGI's ``send``."""

    name = "asklight-direct"
    title = "Asklight, direct path"

    def launch(self, place: Place) -> Launch:
        plain = super().launch(place)
        return Launch(plain.argv, {**plain.environment, "ASKLIGHT_SENDING": "direct"})


def _post(
    connection: HTTPConnection, path: str, body: dict[str, str], token: str | None = None
) -> dict[str, Any]:
    headers = {"content-type": "application/json", "origin": _ORIGIN}
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    connection.request("POST", path, json.dumps(body), headers)
    response = connection.getresponse()
    text = response.read().decode()
    if response.status not in (200, 201):
        raise BenchError(f"POST {path} answered {response.status}: {text[:500]}")
    answer: dict[str, Any] = json.loads(text)
    return answer
