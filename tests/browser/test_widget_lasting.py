"""Nothing is lost: over reloads, crashes and lost connections, and in every tab the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import BrowserContext, Error, Page, Request, expect

from support.cuttable import cuttable
from support.servers import HostPages, RunningProxy, running_proxy
from support.told import ToldUpstream
from support.widget import HOST, Widget

Another = Callable[[], Widget]


@pytest.fixture(scope="module")
def told_proxy(
    tmp_path_factory: pytest.TempPathFactory, upstream: ToldUpstream, pages: HostPages
) -> Iterator[RunningProxy]:
    """A proxy whose answers go on for a while without a reader, as they do unless it is told otherwise."""
    more = {"ASKLIGHT_ORIGINS": pages.at(HOST, ""), "ASKLIGHT_GRACE_SECONDS": "20"}
    data_dir = tmp_path_factory.mktemp("data")
    with running_proxy(data_dir, {**upstream.environment, **more}) as running:
        yield running


@pytest.fixture(autouse=True)
def silence(upstream: ToldUpstream) -> Iterator[None]:
    """What one test told the upstream is not said in the next."""
    yield
    upstream.fall_silent()


@pytest.fixture
def another(context: BrowserContext, pages: HostPages, told_proxy: RunningProxy) -> Another:
    """Opens one more tab of the visitor's, on the same page."""

    def open_tab() -> Widget:
        found = Widget(context.new_page(), pages, told_proxy)
        found.visit()
        found.open()
        return found

    return open_tab


def crash(page: Page) -> None:
    """Kills the page's process; nobody is left to answer."""
    with suppress(Error):
        page.goto("chrome://crash", timeout=2_000)


def open_streams(page: Page) -> list[str]:
    """The event streams the page has open."""
    found: list[str] = page.evaluate("globalThis.openStreams?.() ?? []")
    return found


COUNT_STREAMS = """
  const open = new Map();
  let count = 0;
  const native = globalThis.fetch;
  globalThis.openStreams = () => [...open.values()];
  globalThis.fetch = async (url, init) => {
    const response = await native(url, init);
    const type = response.headers.get("content-type") ?? "";
    if (!type.startsWith("text/event-stream")) return response;
    const number = ++count;
    open.set(number, String(url));
    const { body } = response;
    const reader = body.getReader();
    const stream = new ReadableStream({
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) { open.delete(number); controller.close(); } else controller.enqueue(value);
        } catch (error) { open.delete(number); controller.error(error); }
      },
      cancel(reason) { open.delete(number); return reader.cancel(reason); },
    });
    return new Response(stream, response);
  };
"""
"""Counts the event streams a page has open: each holds a connection of the six HTTP/1.1 allows."""


def test_a_reload_in_the_middle_of_an_answer_goes_on_where_it_was(
    widget: Widget, upstream: ToldUpstream
) -> None:
    upstream.say("It was ")
    widget.ask("Why did it go out?")
    expect(widget.answers).to_have_text("It was")
    widget.page.reload()
    widget.open()
    expect(widget.answers).to_have_text("It was")
    upstream.say("the wind.")
    upstream.finish()
    expect(widget.answers).to_have_text("It was the wind.")
    expect(widget.button("Good answer")).to_be_visible()
    expect(widget.panel.locator(".bubble")).to_have_text("Why did it go out?")


def test_a_page_that_is_killed_in_the_middle_of_an_answer_finds_it_again(
    widget: Widget, another: Another, upstream: ToldUpstream
) -> None:
    upstream.say("It was ")
    widget.ask("Why did it go out?")
    expect(widget.answers).to_have_text("It was")
    crash(widget.page)
    again = another()
    expect(again.answers).to_have_text("It was")
    upstream.say("the wind.")
    upstream.finish()
    expect(again.answers).to_have_text("It was the wind.")


def test_a_connection_cut_in_the_middle_is_made_again_and_no_word_comes_twice(
    page: Page, pages: HostPages, told_proxy: RunningProxy, upstream: ToldUpstream
) -> None:
    with cuttable(told_proxy.port) as wire:
        widget = Widget(page, pages, RunningProxy(wire.port))
        widget.visit()
        widget.open()
        upstream.say("One, ")
        widget.ask("Count?")
        expect(widget.answers).to_have_text("One,")
        places: list[str | None] = []

        def note(request: Request) -> None:
            if request.url.endswith("/stream") and request.method == "GET":
                places.append(request.headers.get("last-event-id"))

        page.on("request", note)
        for word in ("two, ", "three, "):
            wire.cut()
            expect(widget.panel).to_contain_text("Connecting again.")
            upstream.say(word)
            wire.mend()
            expect(widget.answers).to_contain_text(word.strip())
            expect(widget.panel).not_to_contain_text("Connecting again.")
        upstream.say("four.")
        upstream.finish()
        expect(widget.answers).to_have_text("One, two, three, four.")
        expect(widget.button("Good answer")).to_be_visible()
    assert len(set(places)) == 2
    assert all(places), "it goes on, and does not begin again"


def test_a_question_on_its_way_when_the_page_is_killed_is_kept_and_asked_once(
    widget: Widget, another: Another, upstream: ToldUpstream
) -> None:
    widget.page.route("**/messages", lambda route: None)  # never leaves
    widget.ask("On its way?")
    expect(widget.panel.locator(".bubble")).to_have_text("On its way?")
    for name in ("pending", "conversation"):
        widget.page.wait_for_function(
            "(key) => localStorage.getItem(key)", arg=widget.kept_as(name)
        )
    crash(widget.page)
    again = another()
    expect(again.panel.locator(".bubble")).to_have_text("On its way?")
    expect(again.panel.get_by_role("alert")).to_contain_text("Your question is kept.")
    upstream.say("Arrived.")
    upstream.finish()
    again.button("Try again").click()
    expect(again.answers).to_have_text("Arrived.")
    assert [body["content"] for body in upstream.asked].count("On its way?") == 1
    assert again.kept("pending") is None


def test_a_draft_survives_a_reload_in_each_tab_its_own(
    widget: Widget, another: Another, upstream: ToldUpstream
) -> None:
    upstream.say("Yes.")
    upstream.finish()
    widget.ask("First?")
    expect(widget.answers).to_have_text("Yes.")
    other = another()
    widget.question.fill("Half a thought")
    other.question.fill("Another one")
    for tab, draft in ((widget, "Half a thought"), (other, "Another one")):
        tab.page.reload()
        tab.open()
        expect(tab.question).to_have_value(draft)


def test_before_the_first_question_nothing_is_kept_not_even_by_a_second_tab(
    context: BrowserContext, widget: Widget, another: Another
) -> None:
    other = another()
    for tab in (widget, other):
        tab.question.fill("Half a thought")
        kept = tab.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
        assert kept == [0, 0, ""]
    assert context.cookies() == []


def test_the_page_is_told_of_a_question_in_the_tab_that_asked_it_alone(
    another: Another, upstream: ToldUpstream
) -> None:
    asking, showing = another(), another()
    for tab in (asking, showing):
        with tab.page.expect_response("**/assets/commands-*"):
            tab.page.evaluate(
                "window.heard = []; for (const name of ['question', 'answer'])"
                "  Asklight('on', name, () => heard.push(name))"
            )
    upstream.say("It was the wind.")
    asking.ask("Why did it go out?")
    upstream.finish()
    asking.page.wait_for_function("heard.length === 2")
    expect(showing.answers).to_have_text("It was the wind.")
    expect(showing.button("Good answer")).to_be_visible()
    assert asking.page.evaluate("heard") == ["question", "answer"]
    assert showing.page.evaluate("heard") == []


def test_ten_tabs_show_the_same_answer_over_one_connection_and_survive_the_one_that_reads(
    context: BrowserContext, another: Another, upstream: ToldUpstream
) -> None:
    context.add_init_script(COUNT_STREAMS)
    first, *others = tabs = [another() for _ in range(10)]
    upstream.say("One, ")
    first.ask("How many?")
    for tab in tabs:
        expect(tab.answers).to_have_text("One,")
    assert sum(len(open_streams(tab.page)) for tab in tabs) == 1
    first.page.close()
    upstream.say("two, ")
    for tab in others:
        expect(tab.answers).to_have_text("One, two,")
    assert sum(len(open_streams(tab.page)) for tab in others) == 1
    upstream.say("three.")
    upstream.finish()
    for tab in others:
        expect(tab.answers).to_have_text("One, two, three.")
        expect(tab.button("Send")).to_be_visible()
    assert sum(len(open_streams(tab.page)) for tab in others) == 0
    assert [body["content"] for body in upstream.asked].count("How many?") == 1


def test_stop_in_one_tab_stops_the_answer_that_another_reads(
    widget: Widget, another: Another, upstream: ToldUpstream
) -> None:
    other = another()
    upstream.say("It was ")
    widget.ask("Why stop?")
    expect(other.answers).to_have_text("It was")
    other.button("Stop").click()
    for tab in (widget, other):
        expect(tab.panel).to_contain_text("You stopped this answer. What came so far is kept.")
        expect(tab.answers).to_have_text("It was")


def test_stop_before_the_first_word_stops_and_the_next_question_is_answered(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.ask("Never mind?")
    widget.button("Stop").click()
    expect(widget.panel).to_contain_text("You stopped this answer.")
    upstream.wait_until_left()
    upstream.say("Yes.")
    upstream.finish()
    widget.ask("And this?")
    expect(widget.answers.last).to_have_text("Yes.")
