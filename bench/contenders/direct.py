"""No proxy at all: what the harness itself needs, which is taken off the others' latency."""

from __future__ import annotations

from bench.contenders.contender import PATH, Contender, Launch, Place, Target
from bench.load.emitter import TOKEN


class Direct(Contender):
    """The client on the emitter."""

    name = "direct"
    title = "no proxy (the harness)"

    def version(self) -> str:
        return ""

    def launch(self, place: Place) -> Launch:
        raise NotImplementedError("there is nothing to start")

    def targets(self, place: Place, count: int) -> list[Target]:
        return [Target(PATH, TOKEN)]
