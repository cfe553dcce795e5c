"""Which sentences speak of what is asked: SQLite's FTS5 and its bm25, in memory, for one question."""

from __future__ import annotations

import math
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

_WEIGHTS: Final = (1.0, 0.35, 0.45)  # the sentence, its neighbours, page title and heading


@dataclass(frozen=True, slots=True)
class Searchable:
    """A sentence as it is searched, each part as :func:`asklight.assistant.words.words`, joined by spaces."""

    text: str
    around: str
    heading: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """What the search made of each sentence that it found, by the sentence's place in the list.

    :ivar scores: how well it matches; more is better, and only the order means something.
    :ivar coverage: the share of the asked terms it speaks of, each weighed by how rare it is; 0 to 1.
    :ivar saying: the sentences that say at least one of the terms themselves, and not only beside or above them.
    """

    scores: dict[int, float]
    coverage: dict[int, float]
    saying: frozenset[int]


def rank(sentences: Sequence[Searchable], asked: Sequence[str], hints: Sequence[str]) -> Ranking:
    """Search `sentences` for the FTS5 expressions `asked`; `hints` score too, and do not count as asked."""
    with closing(sqlite3.connect(":memory:")) as index:
        _fill(index, sentences)
        saying = {term: _matching(index, f"text : {term}") for term in asked}
        rarity = {term: _rarity(len(rows), len(sentences)) for term, rows in saying.items()}
        return Ranking(
            _scores(index, dict.fromkeys([*asked, *hints])),
            _coverage(index, rarity),
            frozenset().union(*saying.values()),
        )


def _fill(index: sqlite3.Connection, sentences: Sequence[Searchable]) -> None:
    # The words come normalised, in every script; FTS5 only splits at the spaces and stems English.
    index.execute(
        "CREATE VIRTUAL TABLE sentences USING fts5(text, around, heading, "
        """tokenize = "porter unicode61 remove_diacritics 0 categories 'L* N* Co M*'")"""
    )
    index.executemany(
        "INSERT INTO sentences(rowid, text, around, heading) VALUES (?, ?, ?, ?)",
        ((row, each.text, each.around, each.heading) for row, each in enumerate(sentences)),
    )


def _rarity(saying: int, sentences: int) -> float:
    """What a term weighs; one that is nowhere on the page no more than one that is there once."""
    return 0.1 + math.log((sentences + 1) / (max(1, saying) + 0.5))


def _coverage(index: sqlite3.Connection, rarity: dict[str, float]) -> dict[int, float]:
    covered: defaultdict[int, float] = defaultdict(float)
    for term, weight in rarity.items():
        for row in _matching(index, term):
            covered[row] += weight
    everything = sum(rarity.values())
    return {row: weight / everything for row, weight in covered.items()}


def _matching(index: sqlite3.Connection, expression: str) -> list[int]:
    found = index.execute("SELECT rowid FROM sentences WHERE sentences MATCH ?", (expression,))
    return [row for (row,) in found]


def _scores(index: sqlite3.Connection, sought: Iterable[str]) -> dict[int, float]:
    found = index.execute(
        "SELECT rowid, -bm25(sentences, ?, ?, ?) FROM sentences WHERE sentences MATCH ?",
        (*_WEIGHTS, " OR ".join(sought)),
    )
    return dict(found.fetchall())
