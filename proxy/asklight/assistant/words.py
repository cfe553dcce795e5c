"""Words as search sees them: normalised, in any script, without those that only ask.

Scripts written without spaces between words (Han, kana, Thai, Lao, Khmer, Burmese) and Hangul, whose particles
stick to the noun, are indexed by the character and searched by pairs of neighbouring characters.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import Final

from asklight.assistant.stopwords import STOP_WORDS, UNSPACED_STOP_WORDS

TERM_LIMIT: Final = 64
"""A question is searched by its first so many terms."""

_BLOCKING_CLASS: Final = (
    10  # combining classes below are nukta, virama and kana voicing: they make another letter
)

_UNSPACED_RANGES: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
    "\uf900-\ufaff\U00020000-\U0003134f"
)
# Python's \w leaves out the vowel signs of Indic scripts, which are marks.
_MARKS: Final = "\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0900-\u0963\u0970-\u0dff\u0f71-\u0f84"
_CLUSTER_MARKS: Final = (
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u102b-\u103e\u17b6-\u17d3"
)
_TOKEN: Final = re.compile(
    rf"(?P<unspaced>[{_UNSPACED_RANGES}][{_CLUSTER_MARKS}]*)|(?:(?![_{_UNSPACED_RANGES}])[\w{_MARKS}])+"
)
_HIRAGANA: Final = re.compile("[\u3041-\u309f]")


def normalise(text: str) -> str:
    """`text` as it is compared: compatibility forms unified, case folded, accents taken off."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in folded if unicodedata.combining(c) < _BLOCKING_CLASS)
    return unicodedata.normalize("NFC", bare)


def words(text: str) -> list[str]:
    """The words of `text`, normalised; of unspaced scripts, its characters."""
    return [match.group() for match in _TOKEN.finditer(normalise(text))]


_STOP_WORDS: Final = {name: frozenset(words(entry)) for name, entry in STOP_WORDS.items()}
_ASKING: Final = re.compile("|".join(map(normalise, UNSPACED_STOP_WORDS.split())))


def terms(text: str) -> list[str]:
    """What to look for to answer `text`: full-text search expressions, without repeats, most 64.

    Words that only ask ("what", "explain", "this page") are left out; so nothing is left of "What is this about?".
    """
    found = dict.fromkeys(_spaced_terms(text))
    found.update(dict.fromkeys(_unspaced_terms(text)))
    return list(found)[:TERM_LIMIT]


def is_unspaced(term: str) -> bool:
    """Whether `term` is of a script searched by pairs of characters."""
    token = _TOKEN.match(term.strip('"'))
    return token is not None and token["unspaced"] is not None


def _spaced_terms(text: str) -> list[str]:
    found = [m.group() for m in _TOKEN.finditer(normalise(text)) if m["unspaced"] is None]
    language = max(_STOP_WORDS, key=lambda name: sum(word in _STOP_WORDS[name] for word in found))
    content = [word for word in found if len(word) > 1 and word not in _STOP_WORDS[language]]
    return [_expression(word, language) for word in content]


def _expression(word: str, language: str) -> str:
    """One word as an FTS5 expression that also finds its other forms.

    The Porter stemmer inside FTS5 knows English. It takes the s off "lens" and "bus" but not off "lenses" and
    "buses", so those are asked for both ways. Elsewhere a word's first letters stand for its forms.
    """
    if language != "en" and len(word) >= 5:
        return f'"{word[: max(4, len(word) - 2)]}"*'
    if word.endswith("ses"):
        return f'("{word}" OR "{word[:-2]}")'
    if word.endswith("s"):
        return f'("{word}" OR "{word}es")'
    return f'"{word}"'


def _unspaced_terms(text: str) -> list[str]:
    stripped = _ASKING.sub(" ", normalise(text))
    runs: list[list[str]] = [[]]
    end = 0
    for match in _TOKEN.finditer(stripped):
        if match["unspaced"] is None or match.start() != end:
            runs.append([])
        if match["unspaced"] is not None:
            runs[-1].append(match.group())
        end = match.end()
    pairs = [pair for run in runs for pair in _pairs(run)]
    # Hiragana holds the grammar and the endings of verbs; the subject is in kanji and katakana.
    telling = [pair for pair in pairs if not _HIRAGANA.search(pair)]
    return [f'"{pair}"' for pair in telling or pairs if not _HIRAGANA.match(pair)]


def _pairs(run: list[str]) -> list[str]:
    if len(run) == 1:
        return run
    return [f"{first} {second}" for first, second in pairwise(run)]
