"""A C program of the load, spoken to in lines over its standard input and output."""

from __future__ import annotations

import selectors
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.machine import BenchError
from bench.processes import cpu_seconds


class Program:
    """Running until the context ends; the end of its standard input ends it, and so does ours."""

    def __init__(self, path: Path, *arguments: str) -> None:
        self._name = path.name
        self._popen = subprocess.Popen(
            [path, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        self._rest = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._popen.kill()
        self._popen.communicate()

    def cpu_seconds(self) -> float:
        """The CPU time it has used."""
        return cpu_seconds(self._popen.pid)

    def say(self, line: str) -> None:
        """Gives it a command."""
        assert self._popen.stdin is not None
        self._popen.stdin.write(f"{line}\n".encode())

    def line(self, seconds: float) -> str:
        """The next line it prints.

        :raises BenchError: it printed none within `seconds`, or ended.
        """
        deadline = time.monotonic() + seconds
        while b"\n" not in self._rest:
            self._rest += self._read(deadline)
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode()

    def lines_to_end(self, seconds: float) -> list[str]:
        """What it prints up to the line "end"."""
        lines = []
        while (line := self.line(seconds)) != "end":
            lines.append(line)
        return lines

    def _read(self, deadline: float) -> bytes:
        assert self._popen.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._popen.stdout, selectors.EVENT_READ)
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise BenchError(f"the {self._name} did not answer in time")
        part: bytes | None = self._popen.stdout.read(65_536)
        if not part:
            raise BenchError(f"the {self._name} ended too early")
        return part
