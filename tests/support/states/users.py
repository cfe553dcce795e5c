"""Users the page vouches for."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import expect

from support.states.kinds import State, answer, opened
from support.states.trouble import alerted
from support.told import ToldUpstream
from support.vouching import signed_in
from support.widget import Widget


def signed_in_elsewhere_too(widget: Widget, upstream: ToldUpstream) -> None:
    """Their chat of another device is in the list, beside the one they have here."""
    for question in ("Who lit the lamp, and for how many years?", "Why did it go out?"):
        opened(widget, head=f"<script>{signed_in('alice')}</script>")
        answer(widget, upstream, "Because of the wind.", question)
        widget.page.evaluate("sessionStorage.clear(); localStorage.clear()")
    widget.button("Your chats").click()
    expect(widget.panel.locator(".chat-open")).to_have_count(2)
    expect(widget.panel).to_contain_text("You are signed in on this site.")


def not_confirmed(widget: Widget, upstream: ToldUpstream) -> None:
    stub = "window.Asklight = (...call) => (Asklight._q ||= []).push(call);"
    opened(widget, head=f"<script>{stub} Asklight('identify', {{ token: () => null }})</script>")
    widget.ask("Why did it go out?")
    alerted(widget, "This page could not confirm who you are.")


USERS: Final[list[State]] = [signed_in_elsewhere_too, not_confirmed]
