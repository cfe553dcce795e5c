"""The signing secret that is made at the first start and kept beside the data."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from asklight.errors import SettingsError
from asklight.sealed import Sealed, fault_in_secret

_BYTES: Final = 48


def new_secret() -> str:
    """A signing key: 384 random bits in URL-safe letters."""
    return secrets.token_urlsafe(_BYTES)


def kept_secret(path: Path) -> Sealed:
    """The secret in the file at `path`; where there is none, a new one is made there, readable by its owner alone.

    The file is created exclusively and never replaced: of two processes that start at once, both use the one that
    was first.

    :raises SettingsError: the file holds no usable secret.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(new_secret())
    value = path.read_text(encoding="ascii", errors="replace").strip()
    if fault := fault_in_secret(value):
        raise SettingsError([f"{path}: {fault}. Put its backup there, or remove it for a new one."])
    return Sealed(value)
