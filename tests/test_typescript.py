"""The suites written in TypeScript, each run as ``npm run test`` runs it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from support.node import NPM, node_environment

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("workspace", ["widget", "extension"])
def test_the_suite_of_the_workspace_passes(workspace: str) -> None:
    ran = subprocess.run(
        [*NPM, "run", "test", "--workspace", workspace],
        cwd=ROOT,
        env={**node_environment(), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
    assert "Test Files" in ran.stdout
