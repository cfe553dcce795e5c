"""The contenders: each a small class that knows how one is started and asked."""

from __future__ import annotations

from pathlib import Path

from bench.contenders.asklight import Asklight, AsklightDirect
from bench.contenders.contender import Contender
from bench.contenders.direct import Direct
from bench.contenders.haproxy import HAProxy
from bench.contenders.litellm import LiteLLM
from bench.contenders.nginx import Nginx
from bench.contenders.node import Node
from bench.contenders.starlette import StarletteRelay


def contenders(cache: Path) -> list[Contender]:
    """All of them, in the order of the report. `cache` is for what they install."""
    return [
        Direct(),
        Asklight(),
        AsklightDirect(),
        Nginx(),
        HAProxy(),
        Node(),
        StarletteRelay(),
        LiteLLM(cache),
    ]
