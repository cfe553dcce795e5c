"""Answers without a model: honest about what they are, in the page's own words, with the way back."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asklight.assistant import answers
from asklight.assistant.answers import Inquiry, compose, pieces, quote_page

URL = "https://example.com/lights"


def _ask(question: str, content: str, **more: str) -> str:
    return compose(Inquiry(question, url=URL, title="Lights", content=content, **more))


def test_an_answer_says_that_no_model_is_configured_and_quotes_with_a_source(
    lighthouses: str,
) -> None:
    lead, *quotes, definitions = _ask("When was Cordouan lit?", lighthouses).split("\n\n")
    assert lead == answers.FOUND
    assert quotes[0].startswith("> The first Fresnel lens was lit at Cordouan")
    assert quotes[0].endswith("[Fresnel's idea][1]")
    first, second = definitions.splitlines()
    assert first.startswith(f"[1]: {URL}#:~:text=The%20first%20Fresnel%20lens%20was,")
    assert first.endswith(' "Fresnel\'s idea"')
    assert second.startswith("[2]: ")


@pytest.mark.parametrize(
    "question",
    [
        "What is this page about?",
        "Summarise this page",
        "tl;dr",
        "Worum geht es auf dieser Seite?",
        "De quoi parle cette page ?",
        "¿De qué trata este artículo?",
        "О чём эта статья?",
        "这篇文章讲什么？",
        "???",
    ],
)
def test_a_question_about_the_page_as_a_whole_gets_an_extract(
    question: str, lighthouses: str
) -> None:
    answer = _ask(question, lighthouses)
    assert answer.startswith(answers.EXTRACT)
    assert "> For most of history a lighthouse was a fire on a hill." in answer


@pytest.mark.parametrize(
    ("question", "lead"),
    [
        ("Explain this", answers.SELECTED),
        ("What does this mean?", answers.SELECTED),
        ("Erkläre mir das", answers.SELECTED),
        # Where nothing answers it is better than nothing.
        ("Why does this matter?", answers.AROUND),
        ("Summarise this passage in a few sentences.", answers.AROUND),
        ("What is the capital of Japan?", answers.AROUND),
    ],
)
def test_of_a_selection_what_stands_around_it_is_quoted(
    question: str, lead: str, lighthouses: str
) -> None:
    answer = _ask(question, lighthouses, selection="stepped like the seats of a theatre")
    assert answer.startswith(lead)
    assert "each a prism, stepped like the seats of a theatre." in answer


def test_when_nothing_on_the_page_answers_it_says_so(lighthouses: str) -> None:
    assert _ask("What is the capital of Japan?", lighthouses) == answers.NOTHING_FOUND


def test_when_only_part_of_the_question_is_spoken_of_it_says_that_this_is_the_closest(
    lighthouses: str,
) -> None:
    assert _ask("What did keepers wear?", lighthouses).startswith(answers.CLOSE)


def test_without_page_text_it_says_that() -> None:
    assert _ask("What is this page about?", "") == answers.NO_PAGE


def test_without_an_address_it_quotes_without_links(lighthouses: str) -> None:
    answer = compose(Inquiry("When was Cordouan lit?", content=lighthouses))
    assert "> The first Fresnel lens was lit at Cordouan" in answer
    assert "][" not in answer
    assert "]:" not in answer


def test_the_source_is_named_by_the_host_where_page_and_passage_have_no_title() -> None:
    answer = compose(Inquiry("Do bees dance?", url=URL, content="Bees dance."))
    assert answer.endswith('[1]: https://example.com/lights#:~:text=Bees%20dance. "example.com"')


def test_definitions_on_the_page_do_not_become_sources(lighthouses: str) -> None:
    answer = _ask("Do bees dance?", "[1]: https://evil.example\nBees dance [here](//evil.example).")
    assert r"Bees dance \[here\](//evil.example)." in answer
    assert not any(line.startswith("[1]: https://evil") for line in answer.splitlines())


LONGEST = 100_000


@pytest.mark.parametrize(
    "unit",
    [
        "Ab cd. ",
        "Ab\n",
        "a\n",
        "Ab.\n",
        ".",
        '."',
        ".[1]",
        "[",
        "e.g. ",
        "x",
        " ",
        "灯塔。",
        "ประ ",
        "a\u0301",
    ],
)
@pytest.mark.parametrize("question", ["ab cd 灯塔 " * 1_000, "What is this?"])
def test_no_page_takes_long_to_answer_however_it_is_made(unit: str, question: str) -> None:
    content = (unit * LONGEST)[:LONGEST]
    before = time.perf_counter()
    _ask(question[:10_000], content, selection=content[-10_000:])
    # A hundred times what it takes: only a cost that grows with the square of the page fails.
    assert time.perf_counter() - before < 30


@given(st.text(max_size=200), st.text(max_size=400), st.text(max_size=100))
def test_any_question_about_any_page_gets_the_same_answer_twice(
    question: str, content: str, selection: str
) -> None:
    inquiry = Inquiry(question, url=URL, content=content, selection=selection)
    assert compose(inquiry) == compose(inquiry) != ""


@given(st.text())
def test_pieces_are_the_whole_text(text: str) -> None:
    assert "".join(pieces(text)) == text


def test_pieces_are_about_a_word_long() -> None:
    assert pieces("Two words\n\n灯塔是一种建筑。") == [
        "Two ",
        "words\n\n",
        "灯塔是",
        "一种建",
        "筑。",
    ]


async def test_an_answerer_gives_the_composed_answer_piece_by_piece(lighthouses: str) -> None:
    inquiry = Inquiry("When was Cordouan lit?", content=lighthouses)
    received = [piece async for piece in quote_page(inquiry)]
    assert len(received) > 20
    assert "".join(received) == compose(inquiry)
