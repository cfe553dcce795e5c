"""The machine a run is made on: its cores, its facts for the report, its limit of open files."""

from __future__ import annotations

import os
import platform
import resource
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FILES_WANTED: Final = 65_536
"""5,000 streams need 10,000 files in a proxy; above this the C programs have no room."""


class BenchError(Exception):
    """The run cannot be made; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Cores:
    """`proxy`: for the contender alone. `load`: for emitter, client and this program."""

    proxy: int
    load: int


def choose_cores() -> Cores:
    """The last of the cores this process may use for the contender, the first for the rest; takes the first itself.

    :raises BenchError: there is only one.
    """
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 2:
        raise BenchError("Two cores are needed: one for the proxy, one for emitter and client.")
    cores = Cores(proxy=usable[-1], load=usable[0])
    os.sched_setaffinity(0, {cores.load})
    return cores


def raise_file_limit() -> int:
    """Raises the limit of open files as far as allowed, for this process and its children.

    :returns: the limit now in force.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for soft, ceiling in ((FILES_WANTED, max(hard, FILES_WANTED)), (min(hard, FILES_WANTED), hard)):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, ceiling))
        except (ValueError, OSError):
            continue  # only root may go above the hard limit
        break
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def facts(cores: Cores, file_limit: int) -> dict[str, str]:
    """What a reader needs to compare: no names of hosts, users or folders."""
    return {
        "CPU": _cpu_model(),
        "cores": f"{os.cpu_count()} (proxy on {cores.proxy}, load on {cores.load})",
        "kernel": f"{platform.system()} {platform.release().split('-')[0]}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "open files": f"{file_limit:,}",
    }


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()
