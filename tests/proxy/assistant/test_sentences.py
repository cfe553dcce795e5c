"""Whole sentences, in any script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asklight.assistant.sentences import clean, read_blocks, shorten, split_sentences


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("Dr. A. Stevenson wrote it. He was 28.", ["Dr. A. Stevenson wrote it.", "He was 28."]),
        ("It has 3.5 m, e.g. the first. Ok.", ["It has 3.5 m, e.g. the first.", "Ok."]),
        ("See No. 5 and p. 12. Then go on.", ["See No. 5 and p. 12.", "Then go on."]),
        ("Was it? No. 5 are left.", ["Was it?", "No. 5 are left."]),
        ('"Really?" he said. "Yes."', ['"Really?" he said.', '"Yes."']),
        ("It was lit in 1823.[12] It shone.", ["It was lit in 1823.[12]", "It shone."]),
        ("Wait… what? Yes.", ["Wait… what?", "Yes."]),
        ("灯塔很高。它是谁建的？不知道！", ["灯塔很高。", "它是谁建的？", "不知道！"]),
        ("「明るい。」彼は言った。", ["「明るい。」", "彼は言った。"]),
        ("أين المنارة؟ هي هنا. نعم.", ["أين المنارة؟", "هي هنا.", "نعم."]),
        ("दीप जला। रात हुई।", ["दीप जला।", "रात हुई।"]),
        ("ประภาคาร ส่องแสง", ["ประภาคาร", "ส่องแสง"]),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, expected: list[str]) -> None:
    assert _sentences(text) == expected


@given(st.text(max_size=300).map(clean))
def test_sentences_cover_the_text_in_order(text: str) -> None:
    assert "".join("".join(_sentences(text)).split()) == "".join(text.split())


def test_a_run_too_long_to_be_a_sentence_is_left_out() -> None:
    assert _sentences("x" * 2_001) == []


def test_hard_wrapped_lines_are_joined_and_headings_are_not() -> None:
    blocks = read_blocks("The title\n\nA line that goes\non here. And\nso forth.")
    assert [block.text for block in blocks] == [
        "The title",
        "A line that goes on here. And so forth.",
    ]
    assert blocks[0].is_heading
    assert blocks[1].heading == "The title"


def test_short_lines_in_a_row_are_one_block_with_a_sentence_a_line() -> None:
    [intro, hours] = read_blocks("We are open.\nMonday: 9 to 17\nSunday: closed")
    assert intro.is_prose
    assert hours.text == "Monday: 9 to 17\nSunday: closed"
    assert [hours.text[start:end] for start, end in hours.sentences] == [
        "Monday: 9 to 17",
        "Sunday: closed",
    ]


def test_characters_nobody_sees_are_taken_out_and_joiners_stay() -> None:
    assert clean("a\u200bb\u202ec\U000e0041d\x00") == "abcd"
    assert clean("می\u200cخواهم") == "می\u200cخواهم"


@given(st.text(), st.integers(2, 40))
def test_shortened_text_is_one_line_within_the_limit(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit
    assert "\n" not in short


def test_text_is_shortened_at_a_word() -> None:
    assert shorten("Who invented the lens?", 15) == "Who invented…"
