"""The passages of a page that best answer a question, or say best what it is about: no model, no network.

Each sentence is seen with its neighbours and its heading, and the best are grown to a readable length; a passage is
always whole sentences of one block, in the page's own words.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from asklight.assistant.ranking import Searchable, rank
from asklight.assistant.sentences import Span, clean_lines, read_blocks
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

_TITLE_SEARCHED: Final = 120
"""Every sentence is found by the page's title too: so many characters of it."""


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
    """Whole sentences of one block, in the page's own words: on one line, or of a list some of its lines.

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
    span: Span
    text: str
    is_selected: bool
    is_fragment: bool


class Passages:
    """The quotable sentences of one page."""

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

    def _find_selection(self, selection: str) -> list[set[Span]]:
        """Which sentences of each block the selection touches; what is not on the page is put before it."""
        page = "\n".join(block.text for block in self._blocks)
        starts = list(accumulate((len(block.text) + 1 for block in self._blocks), initial=0))
        touched = [set[Span]() for _ in self._blocks]
        missing: list[str] = []
        cursor = 0
        for line in clean_lines(selection):
            at = page.find(line, cursor)
            at = page.find(line) if at < 0 else at
            if at < 0:
                missing.append(line)
                continue
            cursor = at + len(line)
            number = bisect_right(starts, at) - 1
            start, end = at - starts[number], cursor - starts[number]
            touched[number].update(_within(self._blocks[number].sentences, start, end))
        before = read_blocks("\n".join(missing))
        self._blocks = [*before, *self._blocks]
        return [set(block.sentences) for block in before] + touched

    def _ranked(self, asked: Sequence[str], hints: Sequence[str] = ()) -> Found:
        ranking = rank(self._searchable(), asked, hints)
        share = _UNSPACED_SHARE if all(map(is_unspaced, asked)) else 1.0
        coverage = {row: ranking.coverage.get(row, 0.0) for row in ranking.scores}
        touching = [row for row in coverage if coverage[row] >= _TOUCHES * share]
        answering = [row for row in touching if coverage[row] >= _ANSWERS * share]
        best = answering or touching
        weighed = [
            (ranking.scores[row] * coverage[row] * self._standing(row), row)
            # A sentence under a fitting heading that says nothing of it is quoted only where no other does.
            for row in [row for row in best if row in ranking.saying] or best
        ]
        weighed.sort(key=lambda scored: (-scored[0], scored[1]))
        return Found(self._grown(weighed), is_close_only=not answering)

    def _searchable(self) -> list[Searchable]:
        texts = [" ".join(words(sentence.text)) for sentence in self._sentences]
        title = " ".join(words(self._page.title[:_TITLE_SEARCHED]))
        headings = {
            heading: f"{title} {' '.join(words(heading))}"
            for heading in {block.heading for block in self._blocks}
        }
        return [
            Searchable(text, self._around(row, texts), headings[self._blocks[each.block].heading])
            for row, (each, text) in enumerate(zip(self._sentences, texts, strict=True))
        ]

    def _around(self, row: int, texts: Sequence[str]) -> str:
        block = self._sentences[row].block
        rows = (row - 1, row + 1)
        near = (r for r in rows if 0 <= r < len(texts) and self._sentences[r].block == block)
        return " ".join(texts[r] for r in near)

    def _standing(self, row: int) -> float:
        sentence = self._sentences[row]
        standing = _SELECTED if sentence.is_selected else 1.0
        return standing * _FRAGMENT if sentence.is_fragment else standing

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
        """`chosen` as passages; those that follow each other in one block are one."""
        numbers = {sentence: row for row, sentence in enumerate(self._sentences)}
        runs: list[list[int]] = []
        for sentence in chosen:
            row = numbers[sentence]
            follows = bool(runs) and runs[-1][-1] == row - 1
            if follows and self._sentences[row - 1].block == sentence.block:
                runs[-1].append(row)
            else:
                runs.append([row])
        return [self._passage(run) for run in runs]


def _within(spans: Sequence[Span], start: int, end: int) -> Sequence[Span]:
    """Those of `spans`, which are in order, that share a character with the text from `start` to `end`."""
    first = bisect_right(spans, start, key=lambda span: span[1])
    return spans[first : bisect_left(spans, end, key=lambda span: span[0])]
