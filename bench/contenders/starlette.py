"""A plain Starlette and httpx2 relay on uvicorn with uvloop and httptools."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Final

from bench.contenders.contender import BIN, Contender, Launch, Place
from bench.load.emitter import TOKEN

_RELAY: Final = Path(__file__).parent / "relays" / "starlette_relay.py"


class StarletteRelay(Contender):
    """``relays/starlette_relay.py``."""

    name = "starlette"
    title = "Starlette + httpx2"

    def version(self) -> str:
        return f"{version('starlette')}, httpx2 {version('httpx2')}, uvicorn {version('uvicorn')}"

    def launch(self, place: Place) -> Launch:
        return Launch(
            [BIN / "python", _RELAY],
            {
                "RELAY_PORT": str(place.port),
                "RELAY_UPSTREAM": f"http://127.0.0.1:{place.emitter_port}",
                "RELAY_TOKEN": TOKEN,
            },
        )
