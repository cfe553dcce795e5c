"""What will be sent: the chips above the question, closed and open."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import expect

from support.states.kinds import State, opened
from support.told import ToldUpstream
from support.widget import ARTICLE, HOLD_READING, Widget

CARD: Final = f"<p>Pay with 4111 1111 1111 1111. {'x' * 99_990}</p><p>And more.</p>"


def empty(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)


def several_selections(widget: Widget, upstream: ToldUpstream) -> None:
    widget.visit()
    for place in ("#first", "#second", "#third"):
        widget.page.locator("h1").click()
        widget.select(place)
        widget.button("Ask about this").click()
    expect(widget.panel.locator(".chip.selection")).to_have_count(3)
    widget.page.evaluate("getSelection().empty()")


def chip_open(widget: Widget, upstream: ToldUpstream) -> None:
    widget.visit()
    widget.select("#second")
    widget.button("Ask about this").click()
    widget.panel.locator(".chip-open").first.click()
    widget.chip("Title").get_by_role("button", name="Leave out: Title").click()


def nothing_sent(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    for part in ("Page text", "Title", "Address"):
        widget.button(f"Leave out: {part}").click()
    expect(widget.panel.locator(".attachments .label")).to_have_text("Only your question is sent.")
    widget.panel.get_by_text("Nothing of this page will be sent.").wait_for()


def masked_and_cut(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget, body=CARD)
    expect(widget.chip("Page text")).to_contain_text("masked, cut")


def masks_open(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget, body=CARD)
    widget.chip("Page text").locator(".chip-open").click()
    widget.panel.get_by_text("The limit is reached here.").wait_for()
    widget.button("Send as it is: Card number").click()


def hidden_text(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget, body=f"{ARTICLE}<p hidden>Nobody sees this.</p>")
    widget.chip("Page text").locator(".chip-open").click()
    widget.panel.get_by_text("hidden characters of the page are left out").wait_for()


def another_page(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    widget.page.evaluate("history.pushState(null, '', '/other')")
    widget.button("Attach this page").wait_for()


def sent_early(widget: Widget, upstream: ToldUpstream) -> None:
    """The page took longer to read than a question waits."""
    widget.visit()
    widget.page.evaluate(HOLD_READING)
    widget.open()
    upstream.say("Nobody has told me which page this is.")
    upstream.finish()
    widget.ask("Why did it go out?")
    widget.panel.get_by_text("This was sent before the page had been read.").wait_for()
    widget.page.evaluate("goOnReading()")
    widget.button("Good answer").wait_for()


CONTEXT: Final[list[State]] = [
    empty,
    several_selections,
    chip_open,
    nothing_sent,
    masked_and_cut,
    masks_open,
    hidden_text,
    another_page,
    sent_early,
]
