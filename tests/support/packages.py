"""Programs the tests need: found, or installed from Debian's packages where that is possible."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import gettempdir

_SYSTEM_PROGRAMS = "/usr/sbin"
"""Where a server's program is, which a person's PATH may leave out."""


@cache
def program(name: str, package: str) -> str:
    """The path of a Debian package's program, installed first where that is possible.

    :raises RuntimeError: it is not there and cannot be installed; the message says what to do.
    """
    with one_process_at_a_time():
        found = on_path(name) or installed(name, package)
    if not found:
        raise RuntimeError(f"These tests need {name}. On Debian: apt-get install {package}")
    return found


def on_path(*names: str) -> str | None:
    """The path of the first of the programs that is there."""
    found = (shutil.which(name) or shutil.which(name, path=_SYSTEM_PROGRAMS) for name in names)
    return next(filter(None, found), None)


def installed(name: str, package: str) -> str | None:
    """The path of a program once its Debian package is installed; none where that cannot be. Ask for it under the lock."""
    if not (hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")):
        return None
    # RUNLEVEL=1: installing it must not start it as a service.
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
    subprocess.run(["apt-get", "update", "-qq"], check=False, env=environment)
    subprocess.run(install, check=False, env=environment, stdout=subprocess.DEVNULL)
    return on_path(name)


@contextmanager
def one_process_at_a_time() -> Iterator[None]:
    """The suite runs in several, and a second installer fails: the first gets a program, the others find it."""
    with (Path(gettempdir()) / f"asklight-tests-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
