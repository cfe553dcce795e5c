"""Building the two C programs, when their source is newer."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.machine import BenchError

_SOURCES = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Tools:
    """Where the built programs are."""

    emitter: Path
    client: Path


def build(folder: Path) -> Tools:
    """The programs, in `folder`.

    :raises BenchError: there is no C compiler, or it failed.
    """
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if compiler is None:
        raise BenchError(
            "A C compiler is needed. On Debian and Ubuntu: apt-get install gcc libc6-dev"
        )
    return Tools(_built(compiler, "emitter", folder), _built(compiler, "client", folder))


def _built(compiler: str, name: str, folder: Path) -> Path:
    source, target = _SOURCES / f"{name}.c", folder / name
    if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
        options = ["-O2", "-Wall", "-Wextra", "-std=gnu11"]
        if subprocess.run([compiler, *options, "-o", str(target), str(source)]).returncode:
            raise BenchError(f"{name}.c could not be built.")
    return target
