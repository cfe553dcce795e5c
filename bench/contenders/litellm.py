"""LiteLLM's pass-through endpoint, in an environment of its own: its pins are not ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

from bench.contenders.contender import PATH, Contender, Launch, Place, Target
from bench.load.emitter import TOKEN

REQUIREMENT: Final = "litellm[proxy]"

_MASTER_KEY: Final = "sk-bench-6f1d0c4c5a8e4b0fb1b6a3d0e1c29f77"
"""It does not start without one; its readers show it."""

_CONFIGURATION: Final = """\
model_list: []
general_settings:
  master_key: "{master_key}"
  pass_through_endpoints:
    - path: "/relay"
      target: "http://127.0.0.1:{emitter_port}"
      include_subpath: true
      headers:
        Authorization: "Bearer {token}"
        Content-Type: "application/json"
"""


class LiteLLM(Contender):
    """The newest release that installs here; kept in `cache`."""

    name = "litellm"
    title = "LiteLLM pass-through"

    def __init__(self, cache: Path) -> None:
        self._environment = cache / "litellm"

    def absent(self) -> str | None:
        done = self._environment / "installed"
        if done.exists():
            return None
        print(f"Installing {REQUIREMENT} into an environment of its own (a few minutes, once).")
        try:
            subprocess.run([sys.executable, "-m", "venv", self._environment], check=True)
            pip = self._environment / "bin" / "pip"
            subprocess.run([pip, "install", "-qqq", REQUIREMENT], check=True)
        except (OSError, subprocess.CalledProcessError):
            return f"{REQUIREMENT} could not be installed"
        done.touch()
        return None

    def version(self) -> str:
        code = "from importlib.metadata import version as v; print(v('litellm'))"
        python = self._environment / "bin" / "python"
        return subprocess.run([python, "-c", code], capture_output=True, text=True).stdout.strip()

    def launch(self, place: Place) -> Launch:
        configuration = place.folder / "litellm.yaml"
        configuration.write_text(
            _CONFIGURATION.format(
                emitter_port=place.emitter_port, token=TOKEN, master_key=_MASTER_KEY
            )
        )
        return Launch(
            [
                self._environment / "bin" / "litellm",
                *("--config", configuration, "--host", "127.0.0.1", "--port", str(place.port)),
                *("--num_workers", "1", "--telemetry", "False"),
            ],
            {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR"},
        )

    def targets(self, place: Place, count: int) -> list[Target]:
        return [Target(f"/relay{PATH}", _MASTER_KEY)]
