"""The passages of a page that best answer a question, or say best what it is about: no model, no network.

Sentences are ranked with SQLite's FTS5 and its bm25. Each is seen with its neighbours and its heading, and the best
are grown to a readable length; a passage is always whole sentences of one block, in the page's own words.
"""

from __future__ import annotations

import math
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from asklight.assistant.sentences import Block, read_blocks
from asklight.assistant.words import is_unspaced, terms, words

PASSAGE_LIMIT: Final = 4
"""An answer quotes at most so many passages."""

_READABLE: Final = 280
"""A passage is grown until it has about so many characters; one sentence may be longer."""

_EXTRACT_WHOLE: Final = 700
"""A selection up to so many characters is quoted whole rather than in extract."""

_SHORT_SELECTION: Final = 100
"""A selection up to so many characters is what "this" and "it" of a question stand for."""

_ANSWERS: Final = 0.5
_TOUCHES: Final = 0.3
"""The share of a question's words, weighed by rarity, that a passage must speak of to count as an answer, or at
least as close to one."""

_UNSPACED_SHARE: Final = 0.6
"""Of scripts searched by pairs only so much of either is asked: pairs that straddle two words are never found."""

_CLOSE_TO_BEST: Final = 0.45
"""Passages that score less than this share of the best are left out."""

_SELECTED: Final = 2.0
_FRAGMENT: Final = 0.6
_WEIGHTS: Final = (1.0, 0.35, 0.45)  # the sentence, its neighbours, page title and heading


@dataclass(frozen=True, slots=True)
class Page:
    """What of a page may be quoted.

    :ivar content: its text, a block a line.
    :ivar selection: what the reader selected on it, "" for nothing.
    """

    content: str
    selection: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """Whole sentences of one block, in the page's own words, on one line.

    :ivar heading: the heading it stands under, "" when there is none.
    :ivar position: its place on the page, for reading order.
    """

    text: str
    heading: str
    position: int


@dataclass(frozen=True, slots=True)
class Found:
    """What the page has on a question.

    :ivar passages: best first, at most four; none when the page does not speak of it.
    :ivar is_close_only: they speak of some of what was asked, and not of enough to call it an answer.
    """

    passages: list[Passage]
    is_close_only: bool = False


@dataclass(frozen=True, slots=True)
class _Sentence:
    block: int
    span: tuple[int, int]
    text: str
    is_selected: bool
    is_fragment: bool


class Passages:
    """The quotable sentences of one page. Building it is the costly part: some 30 ms for the longest page."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._blocks = read_blocks(page.content)
        selected = self._find_selection(page.selection)
        self._sentences = [
            _Sentence(
                number, span, block.text[slice(*span)], span in selected[number], not block.is_prose
            )
            for number, block in enumerate(self._blocks)
            if not block.is_heading
            for span in block.sentences
        ]

    def __bool__(self) -> bool:
        return bool(self._sentences)

    @property
    def has_selection(self) -> bool:
        """Whether the reader selected something that can be quoted."""
        return any(sentence.is_selected for sentence in self._sentences)

    def answering(self, question: str) -> Found:
        """The passages that answer `question`."""
        asked = terms(question)
        return self._ranked(asked, hints=self._short_selection_terms()) if asked else Found([])

    def extract(self) -> list[Passage]:
        """What says best what the selection, or without one the page, is about, in reading order."""
        about = self._short_selection_terms()
        if about and (found := self._ranked(about).passages):
            return found
        chosen = [s for s in self._sentences if s.is_selected]
        if not chosen:
            chosen = [s for s in self._sentences if not s.is_fragment] or self._sentences
        passages = self._joined(chosen)
        if len(passages) <= PASSAGE_LIMIT and sum(len(p.text) for p in passages) <= _EXTRACT_WHOLE:
            return passages
        return self._joined(self._central(chosen))

    def _short_selection_terms(self) -> list[str]:
        selection = self._page.selection
        return terms(selection) if 0 < len(selection) <= _SHORT_SELECTION else []

    def _find_selection(self, selection: str) -> list[set[tuple[int, int]]]:
        """Which sentences of each block the selection touches; what is not on the page is put before it."""
        missing: list[Block] = []
        found = [set[tuple[int, int]]() for _ in self._blocks]
        for piece in read_blocks(selection):
            places = [
                (n, at) for n, b in enumerate(self._blocks) if (at := b.text.find(piece.text)) >= 0
            ]
            if not places:
                missing.append(piece)
            for number, at in places[:1]:
                end = at + len(piece.text)
                touched = (s for s in self._blocks[number].sentences if s[0] < end and at < s[1])
                found[number].update(touched)
        self._blocks = [*missing, *self._blocks]
        return [set(block.sentences) for block in missing] + found

    def _ranked(self, asked: Sequence[str], hints: Sequence[str] = ()) -> Found:
        with closing(sqlite3.connect(":memory:")) as index:
            self._fill(index)
            coverage = self._coverage(index, asked)
            scores = self._scores(index, dict.fromkeys([*asked, *hints]))
        share = _UNSPACED_SHARE if all(map(is_unspaced, asked)) else 1.0
        touching = [row for row in scores if coverage.get(row, 0.0) >= _TOUCHES * share]
        answering = [row for row in touching if coverage[row] >= _ANSWERS * share]
        weighed = [(scores[row] * coverage[row], row) for row in answering or touching]
        weighed.sort(key=lambda scored: (-scored[0], scored[1]))
        return Found(self._grown(weighed), is_close_only=not answering)

    def _fill(self, index: sqlite3.Connection) -> None:
        # Words are normalised here, in every script; FTS5 only splits at the spaces and stems English.
        index.execute(
            "CREATE VIRTUAL TABLE sentences USING fts5(text, around, heading, "
            """tokenize = "porter unicode61 remove_diacritics 0 categories 'L* N* Co M*'")"""
        )
        searchable = [" ".join(words(sentence.text)) for sentence in self._sentences]
        headings = [
            " ".join(words(f"{self._page.title} {block.heading}")) for block in self._blocks
        ]
        index.executemany(
            "INSERT INTO sentences(rowid, text, around, heading) VALUES (?, ?, ?, ?)",
            (
                (row, text, self._around(row, searchable), headings[self._sentences[row].block])
                for row, text in enumerate(searchable)
            ),
        )

    def _around(self, row: int, searchable: Sequence[str]) -> str:
        block = self._sentences[row].block
        rows = (row - 1, row + 1)
        near = (r for r in rows if 0 <= r < len(searchable) and self._sentences[r].block == block)
        return " ".join(searchable[r] for r in near)

    def _coverage(self, index: sqlite3.Connection, asked: Sequence[str]) -> dict[int, float]:
        """Per sentence, the share of the asked terms it speaks of, each weighed by how rare it is on the page."""
        covered: defaultdict[int, float] = defaultdict(float)
        weights = 0.0
        for term in asked:
            saying = self._matching(index, f"text : {term}")
            matching = self._matching(index, term)
            weight = 0.1 + math.log((len(self._sentences) + 1) / (max(1, len(saying)) + 0.5))
            weights += weight
            for row in matching:
                covered[row] += weight
        return {row: weight / weights for row, weight in covered.items()}

    def _matching(self, index: sqlite3.Connection, expression: str) -> list[int]:
        found = index.execute("SELECT rowid FROM sentences WHERE sentences MATCH ?", (expression,))
        return [row for (row,) in found]

    def _scores(self, index: sqlite3.Connection, sought: Iterable[str]) -> dict[int, float]:
        rows = index.execute(
            "SELECT rowid, -bm25(sentences, ?, ?, ?) FROM sentences WHERE sentences MATCH ?",
            (*_WEIGHTS, " OR ".join(sought)),
        )
        return {row: score * self._standing(row) for row, score in rows}

    def _standing(self, row: int) -> float:
        sentence = self._sentences[row]
        return (_SELECTED if sentence.is_selected else 1.0) * (
            _FRAGMENT if sentence.is_fragment else 1.0
        )

    def _grown(self, ranked: Sequence[tuple[float, int]]) -> list[Passage]:
        taken: set[int] = set()
        found: list[Passage] = []
        for score, row in ranked:
            if len(found) == PASSAGE_LIMIT or score < ranked[0][0] * _CLOSE_TO_BEST:
                break
            if row in taken:
                continue
            rows = self._grow(row, taken)
            taken.update(rows)
            found.append(self._passage(rows))
        return found

    def _grow(self, row: int, taken: set[int]) -> range:
        """`row` and the neighbours that fit beside it: what follows first, for what goes before is rarely needed."""
        first, last = row, row
        for step in (last + 1, first - 1, last + 2):
            if step in taken or not self._fits(step, first, last):
                continue
            first, last = min(first, step), max(last, step)
        return range(first, last + 1)

    def _fits(self, step: int, first: int, last: int) -> bool:
        if step not in (first - 1, last + 1) or not 0 <= step < len(self._sentences):
            return False
        added, block = self._sentences[step], self._sentences[first].block
        length = sum(len(self._sentences[r].text) for r in range(first, last + 1))
        return added.block == block and length + len(added.text) <= _READABLE

    def _passage(self, rows: Sequence[int]) -> Passage:
        first, last = self._sentences[rows[0]], self._sentences[rows[-1]]
        block = self._blocks[first.block]
        return Passage(block.text[first.span[0] : last.span[1]], block.heading, rows[0])

    def _central(self, chosen: Sequence[_Sentence]) -> list[_Sentence]:
        """The first sentence and those that speak of what most of the others speak of."""
        bags = [set(terms(sentence.text)) for sentence in chosen]
        shared = Counter(term for bag in bags for term in bag)

        def centrality(number: int) -> float:
            bag = bags[number]
            common = sum(count - 1 for count in (shared[term] for term in bag))
            opens = 1.5 if number == 0 or chosen[number].block != chosen[number - 1].block else 1.0
            return opens * common / math.sqrt(len(bag) + 8)

        order = sorted(range(1, len(chosen)), key=lambda number: (-centrality(number), number))
        return [chosen[number] for number in sorted([0, *order[: PASSAGE_LIMIT - 1]])]

    def _joined(self, chosen: Sequence[_Sentence]) -> list[Passage]:
        numbers = {sentence: row for row, sentence in enumerate(self._sentences)}
        runs: list[list[int]] = []
        for sentence in chosen:
            row = numbers[sentence]
            follows = (
                runs
                and runs[-1][-1] == row - 1
                and self._sentences[row - 1].block == sentence.block
            )
            if follows:
                runs[-1].append(row)
            else:
                runs.append([row])
        return [self._passage(run) for run in runs]
