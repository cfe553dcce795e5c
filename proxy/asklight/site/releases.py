"""Modules of earlier builds. A browser may hold a loader of the release before, and a page may name one by its hash:
what they load is served on from copies, one folder for each build.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from pathlib import Path
from typing import Final

KEPT_RELEASES: Final = 20
"""Folders kept, about half a megabyte each; beyond it those that were served longest ago go."""

logger = logging.getLogger("asklight.releases")


def keep_release(assets: Path, kept: Path) -> tuple[Path, ...]:
    """Copies the modules of the present build into a folder of their own below `kept`.

    :param assets: the build's modules, whose names carry their content's hash; it may be missing.
    :returns: the folders there are, the present one first. Where the disk takes nothing, those that are there: the
        server serves its own build all the same, and the log says so.
    """
    try:
        _keep(assets, kept)
        return _newest_first(kept)
    except OSError as error:
        logger.warning(
            "The build's modules could not be kept for later releases: %s", error.strerror
        )
        return _newest_first(kept) if kept.is_dir() else ()


def _keep(assets: Path, kept: Path) -> None:
    modules = sorted(path for path in assets.glob("*.js") if path.is_file())
    if not modules:
        return
    names = "\n".join(path.name for path in modules)
    release = kept / hashlib.sha256(names.encode()).hexdigest()[:16]
    if not release.is_dir():
        unfinished = kept / f"{release.name}.{os.getpid()}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        kept.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished.mkdir(mode=0o700)
        for path in modules:
            shutil.copyfile(path, unfinished / path.name)
        try:
            unfinished.rename(release)
        except OSError:  # another process was first
            shutil.rmtree(unfinished, ignore_errors=True)
    os.utime(release)
    for old in _newest_first(kept)[KEPT_RELEASES:]:
        shutil.rmtree(old, ignore_errors=True)


def _newest_first(kept: Path) -> tuple[Path, ...]:
    if not kept.is_dir():
        return ()
    folders = [path for path in kept.iterdir() if path.is_dir() and "." not in path.name]
    return tuple(sorted(folders, key=lambda path: path.stat().st_mtime_ns, reverse=True))
