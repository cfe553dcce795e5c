"""The browser side's build output, and whether it is there."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

_MODULE = re.compile(r"assets/[\w.-]+\.js")


_INTEGRITY = re.compile(r"sha384-[A-Za-z0-9+/]{64}")


@dataclass(frozen=True, slots=True)
class PinnedLoader:
    """The launcher's script at an address whose content never changes.

    :param integrity: the script's hash, as ``integrity`` takes it (SRI). It covers this one file: the modules it loads
        later come from the same server, under names that carry their own hashes, which no browser checks.
    """

    path: str
    integrity: str


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
        manifest = self._manifest()
        if manifest is None:
            return None
        module = manifest.get("chat")
        if not isinstance(module, str) or not _MODULE.fullmatch(module):
            raise ValueError("build.json must name the chat's module as assets/<name>.js")
        return f"/{module}"

    def module(self, name: str) -> str | None:
        """The text of a module that is not served as it is, or None before the first build."""
        try:
            return (self.folder / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def pinned(self) -> PinnedLoader | None:
        """The loader under the name that is this build's alone, or None where the build names none."""
        manifest = self._manifest() or {}
        path, integrity = manifest.get("embed"), manifest.get("integrity")
        if not isinstance(path, str) or not _MODULE.fullmatch(path):
            return None
        if not isinstance(integrity, str) or not _INTEGRITY.fullmatch(integrity):
            return None
        return PinnedLoader(f"/{path}", integrity)

    def _manifest(self) -> dict[str, object] | None:
        try:
            manifest = json.loads((self.folder / "build.json").read_bytes())
        except FileNotFoundError:
            return None
        return manifest if isinstance(manifest, dict) else {}
