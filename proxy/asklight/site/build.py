"""The browser side's build output, and whether it is there."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

_MODULE = re.compile(r"assets/[\w.-]+\.js")


@dataclass(frozen=True, slots=True)
class Build:
    """The folder the browser side is built into: ``embed.js``, ``assets/``, ``extension/``, ``build.json``."""

    folder: Path

    @property
    def is_there(self) -> bool:
        """Whether the browser side was built."""
        return (self.folder / "build.json").is_file()

    def chat_module(self) -> str | None:
        """Address of the module behind the whole-page chat, or None before the first build.

        Read anew each time: the file is small, and a rebuild while the server runs gives other names.

        :raises ValueError: ``build.json`` does not name a module under ``assets/``.
        """
        try:
            manifest = json.loads((self.folder / "build.json").read_bytes())
        except FileNotFoundError:
            return None
        module = manifest.get("chat") if isinstance(manifest, dict) else None
        if not isinstance(module, str) or not _MODULE.fullmatch(module):
            raise ValueError("build.json must name the chat's module as assets/<name>.js")
        return f"/{module}"
