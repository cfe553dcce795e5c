"""Page text as safe markdown, and the link that leads back to where it stands.

Sources are written as SiteAssist writes them: ``[Label][1]`` in the text, and at the end of the answer one definition
a line, ``[1]: https://… "Label"``. The address ends in a text fragment, so that the browser scrolls to the passage
(https://wicg.github.io/scroll-to-text-fragment/).
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, urlsplit

from asklight.assistant.sentences import clean
from asklight.assistant.words import is_unspaced

_WHOLE_LIMIT: Final = 60
_EDGE_WORDS: Final = 5
_EDGE_WORDS_LIMIT: Final = 12

# What may begin a construct of CommonMark or GFM inside a line. A backslash before ASCII punctuation is that
# punctuation and nothing else; the colon, dot and @ are there for bare addresses, which GFM makes links of.
_INLINE: Final = re.compile(r"[\\`*_\[\]<>&~|$@]|(?<=[a-z]):(?=//)|(?<=www)\.", re.IGNORECASE)
_LINE_START: Final = re.compile(r"^(\d{0,9})([#+=.)-])")

_CLAUSE_END: Final = re.compile(r"[，、；：。！？」』）]|\s")


def escape(text: str) -> str:
    """Page text as one line of markdown that shows exactly that text: no links, images, emphasis, definitions."""
    escaped = _INLINE.sub(r"\\\g<0>", clean(text))
    return _LINE_START.sub(r"\1\\\2", escaped)


def block_quote(text: str) -> str:
    """Page text as a block quote that keeps its lines."""
    return "\\\n".join(f"> {escape(line)}" for line in text.splitlines())


def definition(number: int, address: str, name: str) -> str:
    """The definition of source `number`; `address` as :func:`passage_address` gives it."""
    title = re.sub(r'[\\"]', r"\\\g<0>", name)
    return f'[{number}]: {address} "{title}"'


def reference(number: int, name: str) -> str:
    """The reference to source `number`."""
    return f"[{escape(name)}][{number}]"


def passage_address(url: str, passage: str, page_text: str) -> str | None:
    """The page's address with a text fragment of `passage`; None when `url` is no web address to link to.

    :param page_text: what the passage was taken from; its first words are given until they are unambiguous in it.
    """
    base = _web_address(url)
    if base is None:
        return None
    page, _, fragment = base.partition("#")
    return f"{page}#{fragment.partition(':~:')[0]}:~:text={_directive(passage, page_text)}"


def host(url: str) -> str:
    """The host of a web address, "" for anything else."""
    return urlsplit(url).hostname or "" if _web_address(url) else ""


def _web_address(url: str) -> str | None:
    try:
        parts = urlsplit(url.strip())
        # An address with a password in it is not repeated, and one without a host leads nowhere.
        is_web = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    except ValueError:
        return None
    # What may end a link destination, or a title, is percent-encoded; so are characters beyond ASCII.
    return quote(url.strip(), safe="%/:?#[]@!$&'*+,;=-._~") if is_web else None


def _directive(passage: str, page_text: str) -> str:
    """``start`` or ``start,end``: neither may reach beyond its own line."""
    lines = passage.splitlines()
    if len(lines) == 1 and len(passage) <= _WHOLE_LIMIT:
        return _encode(passage)
    edges = _clause_edges if is_unspaced(passage[0]) else _word_edges
    start, end = edges(lines[0], page_text)[0], edges(lines[-1], page_text)[1]
    return _encode(start) if start == end else f"{_encode(start)},{_encode(end)}"


def _word_edges(line: str, page_text: str) -> tuple[str, str]:
    """The first words, until they are unambiguous on the page, and the last."""
    every = line.split(" ")
    if len(every) < 2 * _EDGE_WORDS:
        return line, line
    count = _EDGE_WORDS
    while count < min(_EDGE_WORDS_LIMIT, len(every) // 2) and _repeats(every[:count], page_text):
        count += 1
    return " ".join(every[:count]), " ".join(every[-_EDGE_WORDS:])


def _repeats(opening: list[str], page_text: str) -> bool:
    return page_text.count(" ".join(opening)) > 1


def _clause_edges(line: str, page_text: str) -> tuple[str, str]:
    """The first and the last clause: without spaces, only punctuation surely stands between words."""
    clauses = [clause for clause in _CLAUSE_END.split(line) if clause]
    return clauses[0], clauses[-1]


def _encode(text: str) -> str:
    # The dash, the comma and the ampersand are the directive's own syntax.
    return quote(text, safe="").replace("-", "%2D")
