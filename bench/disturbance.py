"""What others did to a measurement: time stolen by the hypervisor, and foreign processes on our cores."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from bench.machine import Cores

STEAL_LIMIT: Final = 0.03
"""A measurement with a larger share of stolen CPU time, on either core, is repeated."""

FOREIGN_LIMIT: Final = 0.10
"""A measurement with a larger share of a core used by processes that are not ours is repeated."""

_TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class CoreTimes:
    """Ticks of one core since the machine started: all, busy for somebody here, and stolen."""

    total: int
    busy: int
    stolen: int

    @classmethod
    def read(cls, core: int) -> Self:
        """As /proc/stat has them now (proc_stat(5))."""
        for line in Path("/proc/stat").read_text().splitlines():
            if line.startswith(f"cpu{core} "):
                user, nice, system, idle, iowait, irq, softirq, steal = map(int, line.split()[1:9])
                busy = user + nice + system + irq + softirq
                return cls(busy + idle + iowait + steal, busy, steal)
        raise LookupError(f"/proc/stat has no core {core}")


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Shares of CPU time, 0 to 1: of the core where it was worst."""

    stolen: float
    foreign: float

    @property
    def is_too_much(self) -> bool:
        """Whether the measurement has to be repeated."""
        return self.stolen > STEAL_LIMIT or self.foreign > FOREIGN_LIMIT

    @property
    def total(self) -> float:
        """For choosing the least disturbed of several."""
        return self.stolen + self.foreign


class Watch:
    """Watches both cores from its making on.

    :param read: gives a core's times.
    """

    def __init__(self, cores: Cores, read: Callable[[int], CoreTimes] = CoreTimes.read) -> None:
        self._cores = (cores.proxy, cores.load)
        self._read = read
        self._began = [read(core) for core in self._cores]

    def disturbance(self, proxy_seconds: float, load_seconds: float) -> Disturbance:
        """What happened since.

        :param proxy_seconds: the CPU time the contender used meanwhile; negative where it has ended, and then
            nothing is known of foreign processes on its core.
        :param load_seconds: the CPU time of emitter, client and ourselves.
        """
        shares = [
            self._shares(core, began, own_seconds)
            for core, began, own_seconds in zip(
                self._cores, self._began, (proxy_seconds, load_seconds), strict=True
            )
        ]
        return Disturbance(
            stolen=max(stolen for stolen, _ in shares),
            foreign=max(foreign for _, foreign in shares),
        )

    def _shares(self, core: int, began: CoreTimes, own_seconds: float) -> tuple[float, float]:
        ended = self._read(core)
        total = max(1, ended.total - began.total)
        foreign = ended.busy - began.busy - own_seconds * _TICKS_PER_SECOND
        if own_seconds < 0:
            foreign = 0
        return (ended.stolen - began.stolen) / total, max(0.0, foreign / total)
