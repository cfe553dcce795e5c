"""Before the panel is open: the launcher, and what is offered at a selection."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import expect

from support.states.kinds import State, hold
from support.told import ToldUpstream
from support.widget import PANEL, Widget


def closed(widget: Widget, upstream: ToldUpstream) -> None:
    widget.visit()


def launcher_focused(widget: Widget, upstream: ToldUpstream) -> None:
    widget.visit()
    widget.page.keyboard.press("Shift+Tab")
    expect(widget.button("Hide this button on this site")).to_be_focused()


def launcher_hidden(widget: Widget, upstream: ToldUpstream) -> None:
    launcher_focused(widget, upstream)
    hold(widget)
    widget.page.keyboard.press("Enter")
    widget.button("Hidden on this site. Undo").wait_for()


def launcher_busy(widget: Widget, upstream: ToldUpstream) -> None:
    widget.page.route(PANEL, lambda route: None)
    widget.visit()
    widget.launcher.click()
    expect(widget.launcher).to_have_js_property("ariaBusy", "true")


def not_loaded(widget: Widget, upstream: ToldUpstream) -> None:
    widget.page.route(PANEL, lambda route: route.abort())
    widget.visit()
    widget.launcher.click()
    widget.button("The assistant did not load. Try again").wait_for()


def offered(widget: Widget, upstream: ToldUpstream) -> None:
    widget.visit()
    widget.select("#second")
    widget.button("Explain").wait_for()


def owners_actions(widget: Widget, upstream: ToldUpstream) -> None:
    actions = """["explain", {"label": "Define", "question": "What does this mean?"},
      {"label": "Find related articles in our archive", "question": "Is there more on this?"}]"""
    widget.visit(attributes=f"data-actions='{actions}' data-color='#7a1fa2'")
    widget.select("#second")
    widget.button("Define").wait_for()


def no_longer_offered(widget: Widget, upstream: ToldUpstream) -> None:
    offered(widget, upstream)
    hold(widget)
    widget.button("Do not offer this on this site").click()
    widget.button("No longer offered on this site. Undo").wait_for()


def offers_off(widget: Widget, upstream: ToldUpstream) -> None:
    offered(widget, upstream)
    widget.button("Do not offer this on this site").click()
    widget.button("No longer offered on this site. Undo").wait_for()
    widget.page.evaluate("Asklight('open')")
    widget.button("Switch it on").wait_for()


LAUNCHER: Final[list[State]] = [
    closed,
    launcher_focused,
    launcher_hidden,
    launcher_busy,
    not_loaded,
    offered,
    owners_actions,
    no_longer_offered,
    offers_off,
]
