"""What every contender is: how it is started in front of the emitter, and how its readers ask."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Final

PATH: Final = "/v2/conversations/00000000-0000-4000-8000-000000000000/messages"

BIN: Final = Path(__file__).parents[2] / ".venv" / "bin"
"""The project's own environment: Asklight's, and the plain relay's."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one is started: a folder of its own, its port, the emitter's."""

    folder: Path
    port: int
    emitter_port: int


@dataclass(frozen=True, slots=True)
class Launch:
    """A command that serves on the place's port in the foreground."""

    argv: Sequence[str | Path]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """What one reader asks: a path, and the bearer token it shows the proxy."""

    path: str
    token: str


class Contender(ABC):
    """One way to relay a stream and add a bearer token, with one worker on one core.

    `name` is for the command line, `title` for the report.
    """

    name: ClassVar[str]
    title: ClassVar[str]

    def absent(self) -> str | None:
        """Why it cannot be measured here, and what to do about it; None where it can. May install what it needs."""
        return None

    @abstractmethod
    def version(self) -> str:
        """What exactly is measured, for the report."""

    @abstractmethod
    def launch(self, place: Place) -> Launch:
        """How to start it at `place`; writes its configuration there."""

    def targets(self, place: Place, count: int) -> list[Target]:
        """What `count` readers ask of the running contender, each a conversation of its own where it knows any."""
        return [Target(PATH, "reader")]
