"""Lighthouse itself, in a folder of its own: nothing of the project needs it."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.machine import BenchError

PACKAGE: Final = "lighthouse@13.5.0"

AUDITS: Final = {
    "first-contentful-paint": "first paint",
    "largest-contentful-paint": "largest",
    "speed-index": "speed index",
    "total-blocking-time": "blocked",
    "cumulative-layout-shift": "shift",
}
"""What the score for performance is made of, by Lighthouse's own names."""

_FLAGS: Final = "--headless=new --no-sandbox --disable-gpu"


@dataclass(frozen=True, slots=True)
class Score:
    """Of one visit, as on a phone: `performance` of 100, and its parts in milliseconds, the shift without a unit."""

    performance: float
    parts: tuple[float, ...]
    """As Lighthouse simulates a slow line and a slow processor."""
    painted: float
    """When the largest paint was really there, in milliseconds of this machine's."""


def install(cache: Path) -> Path:
    """Its command, installed into `cache` where it is not there yet."""
    folder = cache / "lighthouse"
    command = folder / "node_modules" / ".bin" / "lighthouse"
    if not command.exists():
        print(f"Installing {PACKAGE} into a folder of its own (a minute, once).")
        folder.mkdir(parents=True, exist_ok=True)
        install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder)]
        if subprocess.run([*install, PACKAGE]).returncode:
            raise BenchError(f"{PACKAGE} could not be installed")
    return command


def score(command: Path, address: str, chromium: str) -> Score:
    """Visits a page with an empty cache."""
    flags = [
        "--quiet",
        "--output=json",
        "--only-categories=performance",
        f"--chrome-flags={_FLAGS}",
    ]
    done = subprocess.run(
        [command, address, *flags],
        capture_output=True,
        text=True,
        env={**os.environ, "CHROME_PATH": chromium},
    )
    if done.returncode:
        raise BenchError(f"Lighthouse ended with {done.stderr.strip()[-500:]}")
    told = json.loads(done.stdout)
    parts = tuple(float(told["audits"][audit]["numericValue"]) for audit in AUDITS)
    (observed,) = (
        part["observedLargestContentfulPaint"]
        for part in told["audits"]["metrics"]["details"]["items"]
        if "observedLargestContentfulPaint" in part
    )
    return Score(100 * told["categories"]["performance"]["score"], parts, observed)
