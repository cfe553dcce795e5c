"""The list of the visitor's chats."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Locator, expect

from support.states.kinds import State, answer, opened
from support.told import ToldUpstream
from support.widget import Widget

QUESTIONS: Final = [
    "Where did the lamp stand?",
    "متى انطفأ المصباح؟",
    "Who climbed the stairs every evening, and for how many years did they do it?",
]


def rows(widget: Widget) -> Locator:
    return widget.panel.locator(".chat-open")


def three_chats(widget: Widget, upstream: ToldUpstream) -> None:
    """Three chats, of which the last is shown and the first is closed; and the list of them."""
    opened(widget)
    for number, question in enumerate(QUESTIONS):
        if number:
            widget.button("New chat").click()
        answer(widget, upstream, "Because of the wind.", question)
    widget.button("Your chats").click()
    expect(rows(widget)).to_have_count(len(QUESTIONS))
    widget.button(f"Close the chat “{QUESTIONS[0]}”").click()
    expect(rows(widget).filter(has_text=QUESTIONS[0])).to_contain_text("Closed")


def no_chats(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    widget.button("Your chats").click()
    widget.panel.get_by_text("You have no chats here yet.").wait_for()


def chats(widget: Widget, upstream: ToldUpstream) -> None:
    three_chats(widget, upstream)


def chats_found(widget: Widget, upstream: ToldUpstream) -> None:
    three_chats(widget, upstream)
    widget.panel.get_by_label("Search your chats").fill("lamp")
    expect(rows(widget)).to_have_count(1)


def no_chats_found(widget: Widget, upstream: ToldUpstream) -> None:
    three_chats(widget, upstream)
    widget.panel.get_by_label("Search your chats").fill("lighthouse")
    widget.panel.get_by_text("No chat has these words.").wait_for()


def chat_being_deleted(widget: Widget, upstream: ToldUpstream) -> None:
    three_chats(widget, upstream)
    widget.button(f"Delete the chat “{QUESTIONS[-1]}”").click()
    expect(widget.button("Keep")).to_be_focused()


def all_being_deleted(widget: Widget, upstream: ToldUpstream) -> None:
    three_chats(widget, upstream)
    widget.button("Delete everything of mine").click()
    expect(widget.button("Keep")).to_be_focused()


def chats_not_loaded(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    answer(widget, upstream, "Because of the wind.")
    widget.page.route("**/v2/conversations?*", lambda route: route.abort("connectionreset"))
    widget.button("Your chats").click()
    widget.panel.get_by_text("Your chats could not be loaded.").wait_for()


def chats_not_drawn(widget: Widget, upstream: ToldUpstream) -> None:
    widget.page.route("**/assets/chats-*", lambda route: route.abort("connectionreset"))
    opened(widget)
    widget.button("Your chats").click()
    widget.panel.get_by_text("Your chats could not be loaded.").wait_for()


CHATS: Final[list[State]] = [
    no_chats,
    chats,
    chats_found,
    no_chats_found,
    chat_being_deleted,
    all_being_deleted,
    chats_not_loaded,
    chats_not_drawn,
]
