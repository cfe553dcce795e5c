"""A page's text as blocks and whole sentences, in any script.

A block is one line of the text (a paragraph, a heading), which is how the widget and the extension write what they
read. A line that plainly goes on with the one before, as in hard-wrapped text, is joined to it. Short lines in a row
(a list, a table, opening hours) are one block together, each line standing for a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

SENTENCE_LIMIT: Final = 2_000
"""Longer runs without an end (minified data, endless tables) are no sentences and are left out."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a page.

    :ivar text: its text, white space squeezed to single spaces; of a list, its lines.
    :ivar sentences: where each whole sentence stands in `text`, in order.
    :ivar heading: the heading it stands under, "" when there is none.
    :ivar is_prose: at least one sentence has an end mark; list items, cells and headings have none.
    :ivar is_heading: a short line without an end mark right above prose.
    """

    text: str
    sentences: tuple[Span, ...]
    heading: str = ""
    is_prose: bool = True
    is_heading: bool = False


# Shown to nobody, and only there to deceive or to steer: controls, zero-width and bidirectional overrides, tags.
# Joiners (U+200C, U+200D) stay: Persian and emoji are written with them.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u2060-\u2064\u202a-\u202e\u2066-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_LINE_BREAK: Final = re.compile(r"[\r\n\v\f\x85\u2028\u2029]+")

_CLOSERS: Final = r"""(?:["'”’»)\]」』》】〉）]|\[\d{1,3}\])*"""
# Only the first mark of a run begins an end, or a page of dots would be read once for each of them.
_SENTENCE_END: Final = re.compile(
    rf"(?:(?<![.!?…])[.!?…]+{_CLOSERS}(?=\s)|[。！？｡؟۔।॥։።។။]+{_CLOSERS})\s*"
)
_HAS_END: Final = re.compile(rf"(?:[.!?…。！？｡؟۔।॥։።។။]){_CLOSERS}$")

# Thai and Lao have no sentence marks: a space is where one may stop.
_UNMARKED_SCRIPT: Final = re.compile("[\u0e00-\u0eff]")
_SPACE: Final = re.compile(r"\s+")

_ABBREVIATIONS: Final = re.compile(
    "adm|al|approx|art|ave|bzw|ca|capt|cf|col|dr|e\\.g|eds?|eq|est|evtl|figs?|ft|gen|gov|hon|i\\.e|inc|jr|lt|ltd|mme|"
    "mr|mrs|ms|mt|op|pp|prof|rev|sen|sgt|sig|sra?|st|str|tel|usw|vgl|viz|vol|vs"
)
_BEFORE_NUMBERS: Final = re.compile("c|ch|nos?|nr|p|sec")
_LAST_WORD: Final = re.compile(r"[^\W\d_]+(?:\.[^\W\d_])*$")

_HEADING_LIMIT: Final = 120


def clean(text: str) -> str:
    """`text` on one line: unseen characters taken out, white space squeezed to single spaces."""
    return _SPACE.sub(" ", _UNSEEN.sub("", text)).strip()


def shorten(text: str, limit: int) -> str:
    """`text` on one line of at most `limit` characters, cut at a word where there is one, then with an ellipsis."""
    line = clean(text)
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    return f"{cut.rpartition(' ')[0] or cut}…"


def clean_lines(text: str) -> list[str]:
    """The lines of `text`, each clean; empty ones are left out."""
    return [line for raw in _LINE_BREAK.split(text) if (line := clean(raw))]


def read_blocks(text: str) -> list[Block]:
    """The blocks of a page's text, in order, each with its heading."""
    blocks = [_block(line) for line in _joined_lines(clean_lines(text))]
    return list(_with_lists(_under_headings(blocks)))


def split_sentences(text: str) -> tuple[Span, ...]:
    """Where each sentence of one squeezed line stands; together they cover it, save for runs over the limit."""
    spans: list[Span] = []
    start = 0
    for end in [*_ends(text), len(text)]:
        if stop := len(text[start:end].rstrip()):
            spans.extend(_shortened(text, (start, start + stop)))
        start = end
    return tuple(spans)


def _joined_lines(lines: Iterable[str]) -> Iterator[str]:
    held: list[str] = []
    for line in lines:
        if held and not (line[0].islower() and not _HAS_END.search(held[-1])):
            yield " ".join(held)
            held = []
        held.append(line)
    if held:
        yield " ".join(held)


def _block(line: str) -> Block:
    sentences = split_sentences(line)
    is_prose = any(_HAS_END.search(line[start:end]) for start, end in sentences)
    return Block(line, sentences, is_prose=is_prose)


def _under_headings(blocks: list[Block]) -> Iterator[Block]:
    heading = ""
    for index, block in enumerate(blocks):
        following = blocks[index + 1] if index + 1 < len(blocks) else None
        leads_prose = following is not None and following.is_prose
        is_heading = not block.is_prose and len(block.text) <= _HEADING_LIMIT and leads_prose
        if is_heading:
            heading = block.text
        yield Block(block.text, block.sentences, heading, block.is_prose, is_heading)


def _with_lists(blocks: Iterable[Block]) -> Iterator[Block]:
    for is_list, run in groupby(blocks, lambda block: not block.is_prose and not block.is_heading):
        if is_list:
            yield _list(list(run))
        else:
            yield from run


def _list(items: list[Block]) -> Block:
    sentences: list[Span] = []
    offset = 0
    for item in items:
        sentences += ((offset + start, offset + end) for start, end in item.sentences)
        offset += len(item.text) + 1
    text = "\n".join(item.text for item in items)
    return Block(text, tuple(sentences), items[0].heading, is_prose=False)


def _ends(text: str) -> Iterator[int]:
    for match in _SENTENCE_END.finditer(text):
        if match.end() < len(text) and not _goes_on(text, match):
            yield match.end()


def _goes_on(text: str, end: re.Match[str]) -> bool:
    """Whether what looks like an end stands inside a sentence: an abbreviation, an initial, a quoted question."""
    following = text[end.end()]
    if following.islower():
        return True
    if not end.group().startswith(".") or end.group().startswith(".."):
        return False
    word = _LAST_WORD.search(text, max(0, end.start() - 20), end.start())
    if word is None:
        return False
    last = word.group().lower()
    is_initial = len(word.group().rpartition(".")[2]) == 1 and word.group()[-1].isupper()
    counts = following.isdigit() and _BEFORE_NUMBERS.fullmatch(last) is not None
    return is_initial or counts or _ABBREVIATIONS.fullmatch(last) is not None


def _shortened(text: str, span: Span) -> Iterator[Span]:
    start, end = span
    if not _UNMARKED_SCRIPT.match(text, start, end):
        if end - start <= SENTENCE_LIMIT:
            yield span
        return
    for match in _SPACE.finditer(text, start, end):
        yield start, match.start()
        start = match.end()
    yield start, end
