"""The signing secret that is made at the first start and kept beside the data."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from asklight.errors import SettingsError
from asklight.sealed import Sealed, fault_in_signing_key

_BYTES: Final = 48


def new_secret() -> str:
    """A signing key: 384 random bits in URL-safe letters."""
    return secrets.token_urlsafe(_BYTES)


def kept_secret(path: Path) -> Sealed:
    """The secret in the file at `path`; where there is none, a new one is made there, readable by its owner alone.

    The file is linked into place whole and never replaced: of two processes that start at once, both use the one
    that was first, and one that dies meanwhile leaves nothing half written.

    :raises SettingsError: the file holds no usable secret.
    """
    if not path.exists():
        _make(path)
    value = path.read_text(encoding="ascii", errors="replace").strip()
    if fault := fault_in_signing_key(value):
        raise SettingsError([f"{path}: {fault}. Put its backup there, or remove it for a new one."])
    return Sealed(value)


def _make(path: Path) -> None:
    # NamedTemporaryFile makes its file exclusively and 0600.
    with NamedTemporaryFile("w", encoding="ascii", dir=path.parent, prefix=path.name) as file:
        file.write(new_secret())
        file.flush()
        os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(file.name, path)
