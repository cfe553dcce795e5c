"""Rules about the scripts and the lock files, read from the sources."""

from __future__ import annotations

import json
import posixpath
import re

import pytest

from proxy.sources import ROOT


def script_sources(*folders: str) -> dict[str, str]:
    """The TypeScript and HTML below `folders`, comments taken out, by its path from the root."""
    found = {}
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            inner = path.relative_to(ROOT)
            built = {"node_modules", ".wxt", ".output"} & set(inner.parts)
            if path.suffix in (".ts", ".tsx", ".html") and not built:
                found[inner.as_posix()] = without_comments(path.read_text(encoding="utf-8"))
    return found


def without_comments(code: str) -> str:
    return re.sub(r"/\*.*?\*/|(?<![:\w\"'`])//[^\n]*", "", code, flags=re.DOTALL)


WORKSPACES = ("widget", "extension", "tests/clients")
WIDGET = script_sources("widget/src")
EXTENSION = script_sources("extension")

TO_MARKUP = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|setHTML|createContextualFragment|srcdoc"
    r"|document\s*\.\s*write|\beval\s*\(|new\s+Function\b|[\"'`]javascript:",
    re.IGNORECASE,
)
TO_THE_BROWSER = re.compile(
    r"\bchrome\s*(?:\?\.|\.|\[)|wxt/browser|webextension-polyfill"
    r"|\b(?:globalThis|window|self)\s*(?:\?\.|\.|\[\W?)\s*(?:browser|chrome)\b"
)


def those_with(pattern: re.Pattern[str], sources: dict[str, str]) -> list[str]:
    return [path for path, code in sources.items() if pattern.search(code)]


def imported_from(path: str, code: str) -> list[str]:
    """What `code` at `path` imports: packages by name, files by their path from the root."""
    named = re.findall(r"""\b(?:from|import)\s*\(?\s*["']([^"']+)["']""", code)
    return [
        posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
        if name.startswith(".")
        else name
        for name in named
    ]


class TestScripts:
    def test_the_sources_are_there(self) -> None:
        assert "widget/src/embed.ts" in WIDGET
        assert "extension/lib/browser.ts" in EXTENSION

    @pytest.mark.parametrize(
        ("pattern", "code"),
        [
            (TO_MARKUP, "element.innerHTML = text"),
            (TO_MARKUP, "<p dangerouslySetInnerHTML={{ __html: text }} />"),
            (TO_MARKUP, 'element.insertAdjacentHTML("beforeend", text)'),
            (TO_MARKUP, "new Function(text)()"),
            (TO_MARKUP, "link.href = 'javascript:void 0'"),
            (TO_MARKUP, "const url = 'https://a.b'; eval(text)"),
            (TO_THE_BROWSER, "chrome.tabs.query({})"),
            (TO_THE_BROWSER, "globalThis.chrome?.runtime"),
            (TO_THE_BROWSER, 'import { browser } from "wxt/browser"'),
        ],
    )
    def test_each_search_finds_what_it_looks_for(self, pattern: re.Pattern[str], code: str) -> None:
        assert pattern.search(without_comments(code))

    def test_text_becomes_a_page_only_through_elements_and_text_nodes(self) -> None:
        assert those_with(TO_MARKUP, WIDGET | EXTENSION) == []

    def test_only_one_module_touches_the_browsers_extension_api(self) -> None:
        assert those_with(TO_THE_BROWSER, WIDGET | EXTENSION) == ["extension/lib/browser.ts"]

    def test_the_framework_does_not_slip_it_into_others(self) -> None:
        """WXT would otherwise make `browser` a global of every module."""
        assert re.search(r"\bimports:\s*false\b", EXTENSION["extension/wxt.config.ts"])

    def test_the_widget_never_imports_the_extension(self) -> None:
        assert imported_from("widget/src/a.ts", 'from "../../extension/lib/b"') == [
            "extension/lib/b"
        ]
        reached = {name for path, code in WIDGET.items() for name in imported_from(path, code)}
        assert "widget/src/core/types" in reached
        assert {name for name in reached if "extension" in name} == set()
        relative = {name for name in reached if "/" in name and not name.startswith("@")}
        assert {name.split("/")[0] for name in relative} <= {"widget", "preact", "highlight.js"}

    def test_the_extension_uses_what_the_widget_exports_and_nothing_within(self) -> None:
        named = re.compile(r"""["'](@asklight/widget[^"']*|(?:\.\./)+widget/[^"']*)["']""")
        used = {path for code in EXTENSION.values() for path in named.findall(code)}
        assert used == {"@asklight/widget"}

    def test_the_modules_without_rendering_know_nothing_of_the_interface(self) -> None:
        upwards = re.compile(r"""["'](?:\.\./)+ui/|["'](?:\.\./)*preact""")
        inner = {
            path: code
            for path, code in WIDGET.items()
            if path.startswith(("widget/src/core/", "widget/src/context/"))
        }
        assert inner
        assert those_with(upwards, inner) == []


class TestLockFiles:
    def test_the_packages_come_from_wherever_the_user_gets_theirs(self) -> None:
        """No address of a registry and no path of a machine: both would fail elsewhere."""
        locked = json.loads((ROOT / "package-lock.json").read_text())
        packages = locked["packages"]
        assert len(packages) > 100
        for name, package in packages.items():
            resolved = package.get("resolved", "")
            if package.get("link"):
                assert resolved in WORKSPACES
            else:
                assert resolved == "", name
                assert name in ("", *WORKSPACES) or package["integrity"].startswith("sha512-")
            assert not str(package.get("version", "")).startswith(("file:", "http", "git")), name

    def test_no_lock_or_build_file_names_a_machine(self) -> None:
        for name in (
            "package-lock.json",
            "package.json",
            "constraints.txt",
            "pyproject.toml",
            "Makefile",
        ):
            text = (ROOT / name).read_text()
            text = re.sub(r'"funding": (?:\{[^}]*\}|\[[^\]]*\])', "", text)
            assert not re.search(
                r"file:|/(?:home|root|Users|work)/|localhost|127\.0\.0\.1", text
            ), name
            assert not re.search(r"(?:index-url|registry)\s*[=:]|\bhttps?://", text), name

    def test_each_python_package_is_pinned_exactly(self) -> None:
        lines = (ROOT / "constraints.txt").read_text().splitlines()
        pins = [line for line in lines if line and not line.startswith("#")]
        assert len(pins) > 20
        assert [
            pin for pin in pins if not re.match(r"[A-Za-z0-9_.-]+==[0-9][^ ]*(?: ;.*)?$", pin)
        ] == []
