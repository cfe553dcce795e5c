"""The package's sources as syntax trees, and searches in them."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "proxy" / "asklight"

Found = Iterator[ast.AST]
Search = Callable[[ast.AST], Found]


def modules() -> dict[str, ast.Module]:
    """The syntax tree of each module, by its path within the package."""
    return {
        path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


TREES = modules()


@cache
def nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Everything in `tree`: walked once, searched often."""
    return tuple(ast.walk(tree))


GUARD = {path for path in TREES if path.startswith("guard/")}
"""What takes requests apart before there are headers to speak of."""


def where(search: Search) -> set[str]:
    """The modules in which `search` finds something."""
    return {path for path, tree in TREES.items() if next(search(tree), None) is not None}


def attributes(*names: str) -> Search:
    """Finds ``anything.name``, and the name as a text, as ``getattr`` would take it."""

    def search(tree: ast.AST) -> Found:
        for node in nodes(tree):
            named = isinstance(node, ast.Attribute) and node.attr in names
            if named or (isinstance(node, ast.Constant) and node.value in names):
                yield node

    return search


def texts(pattern: str) -> Search:
    """Finds texts that match as a whole, in any case, except in types; docstrings are too long to match."""

    def search(tree: ast.AST) -> Found:
        in_types = {
            id(part)
            for node in nodes(tree)
            if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name)
            if node.value.id == "Literal"
            for part in nodes(node.slice)
        }
        for node in nodes(tree):
            if isinstance(node, ast.Constant) and id(node) not in in_types:
                value = (
                    node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
                )
                if isinstance(value, str) and re.fullmatch(pattern, value, re.IGNORECASE):
                    yield node

    return search


def reads(pattern: str) -> Search:
    """Finds ``.get(text)``, ``.getlist(text)``, ``[text]`` and ``text in`` where the text matches."""
    matching = texts(pattern)

    def search(tree: ast.AST) -> Found:
        for node in nodes(tree):
            keys: list[ast.AST] = []
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                if node.func.attr in ("get", "getlist", "pop", "setdefault"):
                    keys = list(node.args[:1])
            elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
                keys = [node.slice]
            elif isinstance(node, ast.Compare):
                keys = [node.left]
            yield from (found for key in keys for found in matching(key))

    return search


def imports(tree: ast.AST) -> set[str]:
    """Every module named in an import, wherever it stands; of ``from a import b`` both ``a`` and ``a.b``."""
    named: set[str] = set()
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            named |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
    return named


def importers(*packages: str) -> set[str]:
    """The modules that import any of `packages` or something below."""
    return {
        path
        for path, tree in TREES.items()
        for name in imports(tree)
        if any(name == package or name.startswith(f"{package}.") for package in packages)
    }


def own_imports(path: str) -> set[str]:
    """The package's own modules, as paths, that the module at `path` imports."""
    found = set()
    for name in imports(TREES[path]):
        if name.split(".")[0] == "asklight":
            inner = "/".join(name.split(".")[1:])
            found |= {inner + ending for ending in (".py", "/__init__.py")} & TREES.keys()
    return found - {"__init__.py"}
