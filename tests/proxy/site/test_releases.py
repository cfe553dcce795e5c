"""A loader of an earlier release, in a cache or pinned by its hash, never meets a missing module."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from asklight.site.releases import KEPT_RELEASES, keep_release
from proxy.site.served import OpenSite

YEAR = "public, max-age=31536000, immutable"


def build(static: Path, number: int) -> Path:
    """The modules of a release, in place of those before; gives their folder."""
    assets = static / "assets"
    for path in assets.glob("*"):
        path.unlink()
    assets.mkdir(parents=True, exist_ok=True)
    (assets / f"panel-{number}.js").write_text(f"export const panel = {number};")
    (assets / "words-same.js").write_text("export const words = [];")
    return assets


def served_at(folder: Path, seconds: int) -> None:
    """As if the release had last been started then."""
    os.utime(folder, (seconds, seconds))


def test_what_an_earlier_release_loads_is_served_on(
    open_site: OpenSite, static: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "releases"
    keep_release(build(static, 1), kept)
    keep_release(build(static, 2), kept)
    client = open_site(earlier=keep_release(build(static, 3), kept))
    for number in (1, 2, 3):
        answer = client.get(f"/assets/panel-{number}.js")
        assert (answer.status_code, answer.text) == (200, f"export const panel = {number};")
        assert answer.headers["cache-control"] == YEAR
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert client.get("/assets/panel-4.js").status_code == 404


def test_nothing_outside_the_kept_folders_is_reached(
    open_site: OpenSite, static: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "releases"
    client = open_site(earlier=keep_release(build(static, 1), kept))
    (tmp_path / "secret.js").write_text("outside")
    (kept / "note.js").write_text("beside the folders")
    for path in ("/assets/..%2fnote.js", "/assets/..%2f..%2fsecret.js", "/assets/%2e%2e/note.js"):
        assert client.get(path).status_code == 404


def test_a_release_started_again_is_kept_once_and_is_the_newest(
    static: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "releases"
    (first,) = keep_release(build(static, 1), kept)
    served_at(first, 1_000)
    second, _ = keep_release(build(static, 2), kept)
    served_at(second, 2_000)
    assert keep_release(build(static, 1), kept) == (first, second)


def test_those_served_longest_ago_go_and_never_the_one_before(static: Path, tmp_path: Path) -> None:
    kept = tmp_path / "releases"
    for number in range(KEPT_RELEASES + 3):
        folders = keep_release(build(static, number), kept)
        served_at(folders[0], 1_000 + number)
    present = keep_release(build(static, 99), kept)
    assert len(present) == KEPT_RELEASES
    names = [next(folder.glob("panel-*.js")).name for folder in present]
    newest = range(KEPT_RELEASES + 2, 3, -1)
    assert names == ["panel-99.js", *(f"panel-{number}.js" for number in newest)]


def test_what_another_start_left_unfinished_is_never_served(static: Path, tmp_path: Path) -> None:
    kept = tmp_path / "releases"
    (kept / "0123.77.unfinished").mkdir(parents=True)
    (folder,) = keep_release(build(static, 1), kept)
    assert sorted(path.name for path in folder.iterdir()) == ["panel-1.js", "words-same.js"]


def test_before_the_first_build_there_is_nothing_to_keep(tmp_path: Path) -> None:
    assert keep_release(tmp_path / "no-build" / "assets", tmp_path / "releases") == ()
    assert not (tmp_path / "releases").exists()


def test_a_disk_that_takes_nothing_is_logged_and_stops_nothing(
    static: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kept = tmp_path / "releases"
    kept.write_text("a file where the folder would be")
    with caplog.at_level(logging.WARNING):
        assert keep_release(build(static, 1), kept) == ()
    assert "could not be kept" in caplog.text
