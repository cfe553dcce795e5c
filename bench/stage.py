"""One contender, freshly started in front of an emitter of its own: where a figure is measured."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.contenders.contender import Contender, Place
from bench.contenders.direct import Direct
from bench.disturbance import Disturbance, Watch
from bench.load.build import Tools
from bench.load.client import Client, Reading
from bench.load.emitter import Emitter
from bench.machine import BenchError, Cores
from bench.processes import Process, free_port


@dataclass(slots=True)
class Observation:
    """What the machine did during a measurement, known once it is over. Seconds of CPU time, and of the clock."""

    seconds: float = 0
    proxy_seconds: float = 0
    load_seconds: float = 0
    disturbance: Disturbance = field(default_factory=lambda: Disturbance(0, 0))

    @classmethod
    def of_all(cls, parts: Sequence[Observation]) -> Observation:
        """Of a measurement in several parts: seconds together, the disturbance of where it was worst."""
        worst = Disturbance(
            max(part.disturbance.stolen for part in parts),
            max(part.disturbance.foreign for part in parts),
        )
        return cls(
            sum(part.seconds for part in parts),
            sum(part.proxy_seconds for part in parts),
            sum(part.load_seconds for part in parts),
            worst,
        )

    @property
    def load_share(self) -> float:
        """Of the load's core, what emitter and client used."""
        return self.load_seconds / self.seconds if self.seconds else 0

    @property
    def proxy_share(self) -> float:
        """Of its core, what the contender used; 0 where it has ended."""
        return max(0, self.proxy_seconds) / self.seconds if self.seconds else 0


@dataclass(frozen=True, slots=True)
class Stage:
    """`process` is None where there is no proxy."""

    place: Place
    cores: Cores
    tools: Tools
    emitter: Emitter
    contender: Contender
    process: Process | None

    def targets(self, count: int) -> Path:
        """A file of what `count` readers ask."""
        path = self.place.folder / "targets"
        targets = self.contender.targets(self.place, count)
        path.write_text("".join(f"{target.path} {target.token}\n" for target in targets))
        return path

    def reading(self, targets: Path, reading: Reading) -> Client:
        """The readers, running; to be used as a context manager."""
        return Client(self.tools.client, self.place.port, targets, reading)

    @property
    def proxy(self) -> Process:
        """The contender's process.

        :raises BenchError: there is none.
        """
        if self.process is None:
            raise BenchError("there is no proxy to look at")
        return self.process

    @contextmanager
    def observed(self, client: Client) -> Iterator[Observation]:
        """Watches the machine while the block runs."""
        observation = Observation()
        watch = Watch(self.cores)
        began, proxy, load, own = self._spent(client)
        yield observation
        ended, proxy_now, load_now, own_now = self._spent(client)
        observation.seconds = ended - began
        observation.proxy_seconds = proxy_now - proxy
        observation.load_seconds = load_now - load
        observation.disturbance = watch.disturbance(
            observation.proxy_seconds, observation.load_seconds + own_now - own
        )

    def _spent(self, client: Client) -> tuple[float, float, float, float]:
        proxy = self.process.cpu_seconds() if self.process else 0.0
        load = self.emitter.cpu_seconds() + client.cpu_seconds()
        return time.monotonic(), proxy, load, time.process_time()


@contextmanager
def set_up(contender: Contender, cores: Cores, tools: Tools) -> Iterator[Stage]:
    """`contender` on its core, listening; all of it is gone when the block ends.

    :raises BenchError: it does not start.
    """
    with (
        TemporaryDirectory(prefix="asklight-bench-") as folder,
        Emitter(tools.emitter) as emitter,
    ):
        if isinstance(contender, Direct):
            place = Place(Path(folder), emitter.port, emitter.port)
            yield Stage(place, cores, tools, emitter, contender, None)
            return
        place = Place(Path(folder), free_port(), emitter.port)
        launch = contender.launch(place)
        with Process(
            list(map(str, launch.argv)),
            core=cores.proxy,
            log=place.folder / "output",
            environment=launch.environment,
        ) as process:
            process.wait_until_listening(place.port)
            yield Stage(place, cores, tools, emitter, contender, process)
