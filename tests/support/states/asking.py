"""A question on its way, and its answer as it comes and when it is there."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Route, expect

from support.states.kinds import State, answer, hold, opened
from support.told import ToldUpstream
from support.widget import Widget

SHORT: Final = """\
The **wind** took it [The lamp][1].

- one
- two

| when | what |
|---|---|
| 1961 | `dark` |

> "Nobody was there."

[1]: https://example.com/lamp "The lamp"
"""

LONG: Final = "The lamp burned, and the keeper climbed the stairs.\n\n" * 40


def long_question(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    widget.question.fill("Why did the lamp go out? " * 700)
    expect(widget.panel.get_by_text("characters too many")).to_be_visible()


def waiting(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    widget.ask("Why?")
    expect(widget.button("Stop")).to_be_visible()
    expect(widget.panel.locator(".answer .waiting")).to_be_visible()


def thinking(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    upstream.send({"type": "reasoning-delta", "id": "r", "delta": "It may be the *wind*."})
    widget.ask("Why?")
    widget.panel.get_by_text("Thinking").click()
    expect(widget.panel.locator(".reasoning em")).to_have_text("wind")


def streaming(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    upstream.say("Because ")
    widget.ask("Why?")
    expect(widget.answers).to_have_text("Because")


def stopped(widget: Widget, upstream: ToldUpstream) -> None:
    streaming(widget, upstream)
    widget.button("Stop").click()
    widget.panel.get_by_text("You stopped this answer.").wait_for()
    expect(widget.button("Send")).to_be_visible()


def answered(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    answer(widget, upstream, SHORT)
    widget.button("Good answer").focus()


def rated_and_copied(widget: Widget, upstream: ToldUpstream) -> None:
    widget.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened(widget)
    answer(widget, upstream, SHORT)
    widget.button("Good answer").click()
    expect(widget.button("Good answer")).to_have_attribute("aria-pressed", "true")
    hold(widget)
    widget.button("Copy").click()
    expect(widget.button("Copied")).to_be_visible()


def several_questions(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    answer(widget, upstream, "Because of the wind.")
    answer(widget, upstream, LONG, "And what did the keeper do on the evenings before?")
    expect(widget.button("Good answer").last).to_be_in_viewport()


def editing(widget: Widget, upstream: ToldUpstream) -> None:
    answered(widget, upstream)
    widget.panel.locator(".receipt summary").click()
    widget.panel.locator(".receipt .exact-text").first.wait_for()
    widget.button("Edit and ask again").click()


def out_of_sight(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    answer(widget, upstream, LONG)
    widget.panel.get_by_role("log").evaluate("log => log.scrollTo(0, 300)")
    expect(widget.button("Go to the end")).to_be_visible()


def new_answer(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    answer(widget, upstream, LONG)
    held: list[Route] = []
    widget.page.route("**/messages", lambda route: held.append(route))
    widget.ask("And then?")
    expect(widget.panel.locator(".bubble").last).to_be_in_viewport()
    widget.panel.get_by_role("log").hover()
    widget.page.mouse.wheel(0, -5_000)
    expect(widget.button("Go to the end")).to_be_visible()
    upstream.say(LONG)
    held[0].continue_()
    expect(widget.button("New answer")).to_be_visible()


ASKING: Final[list[State]] = [
    long_question,
    waiting,
    thinking,
    streaming,
    stopped,
    answered,
    rated_and_copied,
    several_questions,
    editing,
    out_of_sight,
    new_answer,
]
