"""What goes wrong, and what the visitor is told."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import Route, expect

from support.states.kinds import State, answer, opened
from support.told import ToldUpstream
from support.widget import Widget

CREDENTIALS: Final = {"Access-Control-Allow-Credentials": "true"}


def at(url: str) -> str:
    """The origin of an address."""
    address = urlsplit(url)
    return f"{address.scheme}://{address.netloc}"


def alerted(widget: Widget, said: str) -> None:
    expect(widget.panel.get_by_role("alert")).to_contain_text(said)


def refused(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    upstream.refuse(429, "RATE_LIMIT_EXCEEDED", retryAfter=600)
    widget.ask("Why?")
    alerted(widget, "That is as much as can be asked for now.")
    expect(widget.panel.get_by_role("timer")).to_be_visible()


def wait_over(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    upstream.refuse(429, "RATE_LIMIT_EXCEEDED", retryAfter=1)
    widget.ask("Why?")
    alerted(widget, "You can send your question again.")


def plan_exhausted(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    upstream.refuse(402, "FORBIDDEN")
    widget.ask("Why?")
    alerted(widget, "The plan of this site’s owner does not cover this now.")


def not_allowed_here(widget: Widget, upstream: ToldUpstream) -> None:
    widget.page.route("**/v2/**", lambda route: route.fulfill(status=403, json={}))
    opened(widget)
    widget.ask("Why?")
    alerted(widget, "This site is not allowed to ask here.")


def service_down(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    upstream.refuse(503, "SERVICE_UNAVAILABLE")
    widget.ask("Why?")
    alerted(widget, "The assistant cannot be reached just now.")


def server_down(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    for path in ("**/v2/**", "**/healthz"):
        widget.page.route(path, lambda route: route.abort("connectionrefused"))
    widget.ask("Why?")
    alerted(widget, "The assistant does not answer at all.")


def offline(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    widget.page.context.set_offline(True)
    widget.panel.get_by_text("You are offline. What you write is kept.").wait_for()
    widget.ask("Why?")
    alerted(widget, "You are offline.")


HALF: Final = """\
data: {"type":"start","messageId":"m"}

data: {"type":"text-start","id":"1"}

data: {"type":"text-delta","id":"1","delta":"Because the "}

"""
"""What comes of an answer whose connection is lost."""


def lose_connection(widget: Widget) -> None:
    widget.page.route(
        re.compile(r"/messages$"),
        lambda route: route.fulfill(
            body=HALF,
            content_type="text/event-stream",
            headers={"Access-Control-Allow-Origin": at(widget.page.url), **CREDENTIALS},
        ),
    )


def reconnecting(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    lose_connection(widget)
    widget.page.route("**/stream", lambda route: None)
    widget.ask("Why?")
    widget.panel.get_by_text("Connecting again.").wait_for()


def answer_failed(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    upstream.say("Because the ")
    upstream.fail()
    widget.ask("Why?")
    widget.panel.get_by_text("The assistant could not finish.").wait_for()


def answer_cut(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    lose_connection(widget)
    widget.ask("Why?")
    widget.panel.get_by_text("Asking again sends a new message.").wait_for()


def chat_closed(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    answer(widget, upstream, "Because of the wind.")
    upstream.refuse(409, "CONFLICT", resource="conversation", conflictingField="status")
    widget.ask("And then?")
    alerted(widget, "This chat was closed.")


def begun_anew(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    answer(widget, upstream, "Because of the wind.")
    widget.page.context.clear_cookies()
    answer(widget, upstream, "It was rebuilt.", "And then?")
    widget.panel.get_by_text("You were away for a while.").wait_for()


def chat_loading(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    answer(widget, upstream, "Because of the wind.")
    widget.page.route("**/v2/conversations/**", lambda route: None)
    widget.page.reload()
    widget.open()
    widget.panel.get_by_text("Loading your chat").wait_for()


def chat_not_found(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    answer(widget, upstream, "Because of the wind.")
    widget.page.evaluate(
        "(key) => localStorage.setItem(key, '123e4567-e89b-12d3-a456-426614174000')",
        widget.kept_as("conversation"),
    )
    widget.page.reload()
    widget.open()
    widget.panel.get_by_text("Your earlier chat is no longer here.").wait_for()


def no_cookie(widget: Widget, upstream: ToldUpstream) -> None:
    def without_cookie(route: Route) -> None:
        address = urlsplit(route.request.url)
        # Playwright itself knows no names of this machine but one.
        local = address._replace(netloc=f"127.0.0.1:{address.port}")
        asked = {**route.request.headers, "host": address.netloc}
        response = route.fetch(url=local.geturl(), headers=asked)
        headers = {name: value for name, value in response.headers.items() if name != "set-cookie"}
        route.fulfill(response=response, headers=headers)

    widget.page.route("**/v2/identity/init", without_cookie)
    opened(widget)
    answer(widget, upstream, "Because of the wind.")
    widget.panel.get_by_text("the chat ends when the page reloads").wait_for()


def taken_over(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    upstream.hand_over()
    widget.ask("May I speak to somebody?")
    widget.panel.get_by_text("A person has taken over.").wait_for()


def with_a_person(widget: Widget, upstream: ToldUpstream) -> None:
    taken_over(widget, upstream)
    upstream.write_as_person("Ada", "Hello, how can I help?")
    widget.panel.get_by_text("Hello, how can I help?").wait_for(timeout=20_000)
    widget.panel.get_by_text("You are writing with Ada, a person.").wait_for(timeout=20_000)


TROUBLE: Final[list[State]] = [
    refused,
    wait_over,
    plan_exhausted,
    not_allowed_here,
    service_down,
    server_down,
    offline,
    reconnecting,
    answer_failed,
    answer_cut,
    chat_closed,
    begun_anew,
    chat_loading,
    chat_not_found,
    no_cookie,
    taken_over,
    with_a_person,
]
