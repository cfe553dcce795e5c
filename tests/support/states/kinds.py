"""What a state is, and what several of them begin with."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from support.told import ToldUpstream
from support.widget import Widget

State = Callable[[Widget, ToldUpstream], None]
"""The way into a state: goes to a page with the widget on it and does what a visitor does."""


def hold(widget: Widget) -> None:
    """What goes away by itself after a second or more stays, to be looked at."""
    widget.page.evaluate(
        """() => {
          const { setTimeout } = window;
          window.setTimeout = (action, ms, ...given) => (ms < 1000 ? setTimeout(action, ms, ...given) : 0);
        }"""
    )


def opened(widget: Widget, **page: str) -> None:
    """The panel, open over a page made as :meth:`Widget.visit` makes it."""
    widget.visit(**page)  # type: ignore[arg-type]  # none of them are headers
    widget.open()


def answer(widget: Widget, upstream: ToldUpstream, text: str, question: str = "Why?") -> None:
    """A question and its answer, whole."""
    upstream.say(text)
    upstream.finish()
    widget.ask(question)
    expect(widget.panel.locator(".bubble").last).to_have_text(question)
    expect(widget.button("Good answer").last).to_be_visible()
    expect(widget.button("Send")).to_be_visible()
