"""Processes of a run: started on a core, watched through /proc with their descendants, ended by their ids."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from bench.machine import BenchError

START_SECONDS: Final = 90
"""LiteLLM takes the longest, up to half a minute on one busy core."""

STOP_SECONDS: Final = 30
"""What has not stopped by then is killed."""


class Process:
    """A program pinned to a core, with a file for its output. Used as a context manager it is ended, whatever happens."""

    def __init__(
        self, argv: Sequence[str], *, core: int, log: Path, environment: Mapping[str, str] | None
    ) -> None:
        self._log = log
        with log.open("wb") as output:
            self._popen = subprocess.Popen(
                ["taskset", "-c", str(core), *argv],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=None if environment is None else {**os.environ, **environment},
                start_new_session=True,
            )
        self.pid = self._popen.pid  # taskset replaces itself by the program

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    def wait_until_listening(self, port: int) -> None:
        """:raises BenchError: it ended, or does not listen in time; with the end of its output."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._popen.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise BenchError(f"it did not start. The end of its output:\n{self.output()[-2_000:]}")

    def output(self) -> str:
        """What it has printed."""
        return self._log.read_text(errors="replace")

    def family(self) -> list[int]:
        """The ids of it and its descendants, of those that live: they share a session of which it was the first."""
        return [pid for pid, session in _sessions() if session == self.pid]

    def cpu_seconds(self) -> float:
        """The CPU time it and its descendants have used: user and system, in all their threads."""
        return sum(cpu_seconds(pid) for pid in self.family())

    def memory_bytes(self) -> int:
        """The proportional set size of it and its descendants: shared pages are counted once."""
        return sum(_proportional_set_size(pid) for pid in self.family())

    def stop(self) -> float | None:
        """Sends SIGTERM and waits for it and its descendants.

        :returns: the seconds that took, or None where it was still there after :data:`STOP_SECONDS`.
        """
        family = self.family()
        began = time.monotonic()
        self._signal([self.pid], signal.SIGTERM)
        while (passed := time.monotonic() - began) < STOP_SECONDS:
            self._popen.poll()
            if not any(_is_alive(pid) for pid in family):
                return passed
            time.sleep(0.001)
        return None

    def kill(self) -> None:
        """Ends it and its descendants at once; does nothing where they are gone."""
        self._signal(self.family(), signal.SIGKILL)
        self._popen.wait()

    @staticmethod
    def _signal(pids: Sequence[int], number: signal.Signals) -> None:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def cpu_seconds(pid: int) -> float:
    """What utime + stime of /proc/PID/stat hold in steps of 10 ms, in nanoseconds: the process's CPU clock.

    Its number is made from the process's id as clock_getcpuclockid(3) does. 0 where the process is gone.
    """
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0


def _sessions() -> Iterator[tuple[int, int]]:
    """Every living process's id and session (proc_pid_stat(5))."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                # "pid (name) state parent group session …"; the name may hold spaces and brackets.
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
                if stat[0] != "Z":
                    yield int(entry.name), int(stat[3])


def _is_alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def _proportional_set_size(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
