"""The view of a conversation: it follows what comes while the reader is at its end, and only then."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Route, expect

from support.told import ToldUpstream
from support.widget import Widget

DISTANCE = "log => log.scrollHeight - log.scrollTop - log.clientHeight"

AFTER_FRAMES = """(frames) => new Promise((done) => {
  const next = () => (frames-- > 0 ? requestAnimationFrame(next) : done());
  next();
})"""

GROW_EVERY_FRAME = """(log) => {
  const grow = () => {
    const line = document.createElement("p");
    line.textContent = "A line.";
    log.firstElementChild.append(line);
    requestAnimationFrame(grow);
  };
  grow();
}"""


@pytest.fixture
def widget(widget: Widget, upstream: ToldUpstream) -> Iterator[Widget]:
    """The widget with a long answer in it that has not ended, its end in sight."""
    upstream.say("A line.\n\n" * 60)
    widget.ask("Why?")
    expect(widget.answers.locator("p")).to_have_count(60)
    assert log_of(widget).evaluate(DISTANCE) < 2
    yield widget
    upstream.finish()
    upstream.forget()


def log_of(widget: Widget) -> Locator:
    return widget.panel.get_by_role("log")


def say_more(widget: Widget, upstream: ToldUpstream, text: str = "The last line.") -> None:
    """More text comes, and is drawn."""
    upstream.say(text)
    lines = text.split()
    expect(widget.answers).to_contain_text(re.compile(rf"{re.escape(lines[-1])}\s*$"))
    # It is drawn; what it moves is moved in the same frame.
    widget.page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
    )


def test_it_follows_while_the_reader_is_at_the_end(widget: Widget, upstream: ToldUpstream) -> None:
    for n in range(3):
        say_more(widget, upstream, f"Line {n}.\n\nAnd more of it.\n\n")
        assert log_of(widget).evaluate(DISTANCE) < 2
    expect(widget.button("Go to the end")).to_have_count(0)


def test_it_stays_where_the_reader_put_it(widget: Widget, upstream: ToldUpstream) -> None:
    log_of(widget).evaluate("log => log.scrollTo(0, 100)")
    expect(widget.button("Go to the end")).to_be_visible()
    say_more(widget, upstream)
    assert log_of(widget).evaluate("log => log.scrollTop") == 100
    # What gets taller above is the browser's to make up for; at the end there is nothing to keep to.
    expect(log_of(widget)).to_have_css("overflow-anchor", "auto")
    widget.button("New text below").click()
    expect(log_of(widget)).to_have_css("overflow-anchor", "none")


def test_a_button_says_that_text_has_come_and_brings_one_to_it(
    widget: Widget, upstream: ToldUpstream
) -> None:
    log_of(widget).evaluate("log => log.scrollTo(0, 100)")
    say_more(widget, upstream)
    button = widget.button("New text below")
    button.focus()
    button.press("Enter")
    expect(widget.answers.get_by_text("The last line.")).to_be_in_viewport()
    expect(log_of(widget)).to_be_focused()
    expect(button).to_have_count(0)
    say_more(widget, upstream, " And one more.")
    assert log_of(widget).evaluate(DISTANCE) < 2


def test_the_smallest_move_of_a_wheel_lets_go_of_the_end(
    widget: Widget, upstream: ToldUpstream
) -> None:
    log = log_of(widget)
    log.hover()
    before = log.evaluate("log => log.scrollTop")
    widget.page.mouse.wheel(0, -10)
    say_more(widget, upstream, "More.\n\n" * 5)
    assert log.evaluate("log => log.scrollTop") == before - 10


@pytest.mark.parametrize("key", ["PageUp", "ArrowUp"])
def test_keys_let_go_of_the_end_and_take_it_again(
    widget: Widget, upstream: ToldUpstream, key: str
) -> None:
    log = log_of(widget)
    log.focus()
    log.press(key)
    expect(widget.button("Go to the end")).to_be_visible()
    say_more(widget, upstream, "More.\n\n" * 5)
    assert log.evaluate(DISTANCE) > 100
    log.press("End")
    expect(widget.button("New text below")).to_have_count(0)
    say_more(widget, upstream, "Last.\n\n" * 5)
    expect(widget.answers.get_by_text("Last.").last).to_be_in_viewport()


@pytest.mark.parametrize("frames", [0, 2, 5, 8])
def test_end_ends_a_move_up_that_is_under_way(
    widget: Widget, upstream: ToldUpstream, frames: int
) -> None:
    log = log_of(widget)
    log.focus()
    for n in range(3):
        log.press("PageUp")
        widget.page.evaluate(AFTER_FRAMES, frames)
        log.press("End")
        say_more(widget, upstream, f"More.\n\nAnd more {n}.\n\n")
        # A move of the browser's own takes about ten.
        widget.page.evaluate(AFTER_FRAMES, 20)
        assert log.evaluate(DISTANCE) < 2


def test_a_move_up_is_the_readers_however_fast_text_comes(
    widget: Widget, upstream: ToldUpstream
) -> None:
    log = log_of(widget)
    log.focus()
    log.evaluate(GROW_EVERY_FRAME)
    log.press("ArrowUp")
    expect(widget.button("Go to the end")).to_be_visible()


def test_a_finger_that_holds_the_text_holds_the_view(
    widget: Widget, upstream: ToldUpstream
) -> None:
    log = log_of(widget)
    before = log.evaluate("log => log.scrollTop")
    log.dispatch_event("pointerdown", {"pointerType": "touch"})
    say_more(widget, upstream, "More.\n\n" * 5)
    assert log.evaluate("log => log.scrollTop") == before
    log.dispatch_event("pointerup", {"pointerType": "touch"})
    say_more(widget, upstream, "Last.\n\n" * 5)
    expect(widget.answers.get_by_text("Last.").last).to_be_in_viewport()


def test_selected_text_stays_selected_and_in_sight(widget: Widget, upstream: ToldUpstream) -> None:
    log = log_of(widget)
    line = widget.answers.locator("p").nth(58)
    line.click(click_count=3)
    before = log.evaluate("log => log.scrollTop")
    say_more(widget, upstream, "More.\n\n" * 10)
    assert log.evaluate("log => log.scrollTop") == before
    selected = widget.panel.evaluate("panel => panel.getRootNode().getSelection().toString()")
    assert selected.strip() == "A line."
    expect(widget.button("New text below")).to_be_visible()


def test_a_question_brings_its_asker_to_the_end(widget: Widget, upstream: ToldUpstream) -> None:
    upstream.finish()
    expect(widget.button("Send")).to_be_visible()
    log_of(widget).evaluate("log => log.scrollTo(0, 0)")
    upstream.say("Because.")
    widget.ask("And then?")
    expect(widget.answers.last).to_have_text("Because.")
    expect(widget.answers.last).to_be_in_viewport()


def test_a_button_says_that_an_answer_has_begun_out_of_sight_and_brings_one_to_its_beginning(
    widget: Widget, upstream: ToldUpstream
) -> None:
    upstream.finish()
    expect(widget.button("Send")).to_be_visible()
    held: list[Route] = []
    widget.page.route("**/messages", lambda route: held.append(route))
    widget.ask("And then?")
    expect(widget.panel.locator(".bubble").last).to_be_in_viewport()
    log_of(widget).hover()
    widget.page.mouse.wheel(0, -5000)
    expect(widget.button("Go to the end")).to_be_visible()
    upstream.say("Because.\n\n" * 60)
    held[0].continue_()
    widget.button("New answer").click()
    expect(widget.answers.last.locator("p").first).to_be_in_viewport()
    expect(widget.answers.last.locator("p").last).not_to_be_in_viewport()
