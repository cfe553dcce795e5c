"""Answers without a model: the page's own words, quoted, with the way back to each.

An answerer takes an :class:`Inquiry` and yields the answer's markdown in small pieces; the rest of the assistant
knows no more about how an answer comes to be.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from asklight.assistant import citations
from asklight.assistant.passages import Page, Passage, Passages
from asklight.assistant.sentences import shorten
from asklight.assistant.words import terms

LABEL_LIMIT: Final = 80
"""A longer label of a source is cut."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A question and what came with it from the page; "" stands for what did not come."""

    question: str
    url: str = ""
    title: str = ""
    content: str = ""
    selection: str = ""


Answerer = Callable[[Inquiry], AsyncGenerator[str, None]]
"""Yields an answer's text piece by piece; closing it early stops the work."""

FOUND: Final = "No model is configured, so here is what the page itself says:"
CLOSE: Final = "Nothing that was sent plainly answers that. No model is configured, so here is the closest it comes:"
EXTRACT: Final = "No model is configured, so this is an extract in the page's own words:"
SELECTED: Final = (
    "No model is configured to explain it, so these are the words around what you selected:"
)
AROUND: Final = (
    "Nothing that was sent answers that in so many words. No model is configured, so these are the words around "
    "what you selected:"
)
NOTHING_FOUND: Final = (
    "Nothing that was sent answers that. No model is configured, so only the page's own words can be quoted. "
    "Try words that stand on the page, or send more of it."
)
NO_PAGE: Final = (
    "No text of a page came with your question. No model is configured, so only a page's own words can be quoted. "
    "Ask with the page's content, or select something on it."
)

# A word with the space after it; of scripts without spaces, three characters.
_PIECE: Final = re.compile(
    r"\s*(?:[\u3000-\u9fff\uac00-\ud7a3]{1,3}|[^\s\u3000-\u9fff\uac00-\ud7a3]+)\s*|\s+"
)


async def quote_page(inquiry: Inquiry) -> AsyncGenerator[str, None]:
    """The answerer that needs no model."""
    # Ranking a long page takes tens of milliseconds: not in the event loop.
    text = await asyncio.to_thread(compose, inquiry)
    for piece in pieces(text):
        yield piece


def pieces(text: str) -> list[str]:
    """`text` cut into small pieces at words; joined they are `text` again."""
    return _PIECE.findall(text)


def compose(inquiry: Inquiry) -> str:
    """The whole answer, in markdown. The same inquiry always gets the same answer."""
    page = Page(inquiry.content, inquiry.selection, inquiry.title)
    passages = Passages(page)
    if not passages:
        return NO_PAGE
    if not terms(inquiry.question):
        lead = SELECTED if passages.has_selection else EXTRACT
        return _quoted(lead, passages.extract(), inquiry)
    found = passages.answering(inquiry.question)
    if not found.passages and passages.has_selection:
        return _quoted(AROUND, passages.extract(), inquiry)
    if not found.passages:
        return NOTHING_FOUND
    return _quoted(CLOSE if found.is_close_only else FOUND, found.passages, inquiry)


def _quoted(lead: str, passages: Sequence[Passage], inquiry: Inquiry) -> str:
    quotes, definitions = [], []
    for number, passage in enumerate(passages, 1):
        quote = citations.block_quote(passage.text)
        address = citations.passage_address(inquiry.url, passage.text, inquiry.content)
        if address is not None:
            name = _label(passage, inquiry)
            quote = f"{quote} {citations.reference(number, name)}"
            definitions.append(citations.definition(number, address, name))
        quotes.append(quote)
    return "\n\n".join([lead, *quotes, "\n".join(definitions)]).rstrip()


def _label(passage: Passage, inquiry: Inquiry) -> str:
    named = (passage.heading, inquiry.title, citations.host(inquiry.url))
    return next(name for text in named if (name := shorten(text, LABEL_LIMIT)))
