"""Page text that cannot pass for markdown, and links that lead to the passage."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asklight.assistant.citations import block_quote, definition, passage_address, reference
from asklight.assistant.sentences import clean

ROOT = Path(__file__).parents[3]

HOSTILE = [
    "[click](https://evil.example)",
    "![pixel](https://evil.example/p.png)",
    "[1]: https://evil.example 'x'",
    "see [1] and [Label][1]",
    "<img src=x onerror=alert(1)><script>alert(1)</script>",
    "<https://evil.example> https://evil.example www.evil.example a@evil.example",
    "HTTPS://EVIL.EXAMPLE and WWW.evil.example mailto:a@evil.example",
    "# not a heading",
    "- not a list",
    "+ not a list",
    "1. not a list",
    "1) not a list",
    "--- not a rule",
    "***",
    "===",
    "> not deeper",
    "**bold** _emphasis_ ~~gone~~ `code` ``` fence",
    "~~~ fence",
    "| a | b |",
    "&lt;b&gt; &#60;",
    "back\\slash \\[x](y)",
    "a\\",
    "[ ] task",
]

# marked is what shows answers in the panel. Only texts, escapes and the quote they stand in may come of page text.
_LEX = """
import { marked } from "marked";
const rendered = JSON.parse(process.argv[1]).map((text) => {
  const types = new Set();
  marked.walkTokens(marked.lexer(text), (token) => types.add(token.type));
  const plain = marked.parse(text).replace(/<[^>]*>/g, "").trim();
  const shown = plain.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&quot;/g, '"').replace(/&#39;/g, "'");
  return { types: [...types], shown: shown.replace(/&amp;/g, "&") };
});
console.log(JSON.stringify(rendered));
"""


def _rendered(texts: Iterable[str]) -> list[dict[str, Any]]:
    node = shutil.which("node", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert node is not None, "Node is not installed"
    ran = subprocess.run(
        [node, "--input-type=module", "--eval", _LEX, "--", json.dumps(list(texts))],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return list(json.loads(ran.stdout))


def test_a_markdown_reader_shows_page_text_as_it_stood_and_makes_nothing_of_it() -> None:
    for text, rendered in zip(HOSTILE, _rendered(map(block_quote, HOSTILE)), strict=True):
        assert set(rendered["types"]) <= {"blockquote", "paragraph", "text", "escape"}, text
        assert rendered["shown"] == text


def test_the_same_reader_does_make_something_of_text_that_is_not_escaped() -> None:
    unescaped = _rendered(f"> {text}" for text in HOSTILE)
    made = {kind for rendered in unescaped for kind in rendered["types"]}
    assert {"link", "image", "html", "heading", "list", "strong", "codespan"} <= made


@given(st.text(max_size=200))
def test_escaping_only_adds_backslashes(text: str) -> None:
    escaped = reference(1, text)[1:-4]
    unescaped = "".join(
        character
        for index, character in enumerate(escaped)
        if character != "\\" or _is_escaped(escaped, index)
    )
    assert unescaped == clean(text)


def _is_escaped(text: str, index: int) -> bool:
    before = text[:index]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def test_lines_of_a_list_stay_lines() -> None:
    assert block_quote("Monday: 9\nSunday: closed") == "> Monday: 9\\\n> Sunday: closed"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "chrome-extension://abc/page.html",
        "data:text/html,x",
        "https://",
        "https://user:password@example.com/",
        "https://[::1",
        "/relative",
        "",
    ],
)
def test_only_web_addresses_without_credentials_are_linked_to(url: str) -> None:
    assert passage_address(url, "Some words.", "Some words.") is None


def _fragment(address: str | None) -> str:
    assert address is not None
    return address.partition(":~:text=")[2]


def test_a_short_passage_is_given_whole() -> None:
    address = passage_address("https://example.com/a", "Sunday closed", "")
    assert address == "https://example.com/a#:~:text=Sunday%20closed"


def test_a_long_passage_is_given_by_its_first_and_last_words(lighthouses: str) -> None:
    passage = (
        "Satellites guide ships today, and most lamps are LEDs the size of a jam jar. "
        "Cordouan is still lit and its keepers still climb 301 steps."
    )
    start, end = _fragment(passage_address("https://e.com", passage, lighthouses)).split(",")
    assert unquote(start) == "Satellites guide ships today, and"
    assert unquote(end) == "keepers still climb 301 steps."


def test_first_words_that_stand_twice_on_the_page_are_made_longer() -> None:
    passage = "The first lens of all was broken by the sea in the month of June."
    page = f"The first lens of all was lit in May. {passage}"
    address = passage_address("https://e.com", passage, page)
    assert unquote(_fragment(address).split(",")[0]) == "The first lens of all was broken"


def test_a_list_is_given_by_its_first_and_its_last_line() -> None:
    address = passage_address("https://e.com", "Monday: 9\nTuesday: 10\nSunday: closed", "")
    assert _fragment(address) == "Monday%3A%209,Sunday%3A%20closed"


def test_the_directive_s_own_signs_are_encoded() -> None:
    address = passage_address("https://e.com", "a-b, c & d", "")
    assert _fragment(address) == "a%2Db%2C%20c%20%26%20d"


def test_a_passage_without_spaces_is_given_by_whole_clauses() -> None:
    passage = "灯塔是一种建筑，它建在海边的高处，用强烈的光为船只指引方向，让它们在黑夜里也能避开礁石，平安地回到港口里去，几百年来都是这样，从来没有改变过。"
    start, end = _fragment(passage_address("https://e.com", passage, passage)).split(",")
    assert unquote(start) == "灯塔是一种建筑"
    assert unquote(end) == "从来没有改变过"


def test_a_fragment_of_the_page_s_address_stays_and_a_text_fragment_is_replaced() -> None:
    address = passage_address("https://e.com/p?q=1#part:~:text=old", "New words", "")
    assert address == "https://e.com/p?q=1#part:~:text=New%20words"


@given(st.text(max_size=40), st.text(max_size=40))
def test_an_address_cannot_leave_its_place_in_the_definition(path: str, passage: str) -> None:
    address = passage_address(f"https://example.com/{path}", passage or "x", passage)
    assert address is None or not set(address) & set(' \t\n"<>()\\`')


def test_a_label_cannot_leave_its_place() -> None:
    assert definition(1, "https://e.com", 'a "b" \\') == r'[1]: https://e.com "a \"b\" \\"'
    assert reference(2, "a][1]") == r"[a\]\[1\]][2]"
