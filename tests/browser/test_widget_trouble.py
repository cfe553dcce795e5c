"""When it cannot: each trouble in its own words, with a next step, and the question kept."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, expect

from support.servers import HostPages, RunningProxy
from support.told import ToldUpstream
from support.widget import Widget


def asked(upstream: ToldUpstream, question: str) -> int:
    """How often the upstream was asked so."""
    return [body["content"] for body in upstream.asked].count(question)


def test_at_the_limit_the_seconds_are_counted_and_then_the_question_can_be_sent(
    widget: Widget, upstream: ToldUpstream
) -> None:
    upstream.refuse(429, "RATE_LIMIT_EXCEEDED", retryAfter=3)
    widget.ask("Why the limit?")
    expect(widget.panel.get_by_role("alert")).to_contain_text("Try again in 3 seconds.")
    timer = widget.panel.get_by_role("timer")
    red = "rgb(168, 41, 28)"
    expect(widget.panel.get_by_role("alert")).to_have_css("color", red)
    again = widget.button("Try again")
    expect(again).to_have_attribute("aria-disabled", "true")
    again.click(force=True)
    expect(timer).to_have_text("Again in 0:01")
    assert asked(upstream, "Why the limit?") == 0, "not sent before its time"
    expect(widget.panel.get_by_role("alert")).to_have_text("You can send your question again.")
    expect(widget.panel.get_by_role("alert")).not_to_have_css("color", red)
    expect(timer).to_have_count(0)
    upstream.say("Wind.")
    upstream.finish()
    again.click()
    expect(widget.answers).to_have_text("Wind.")


def test_a_connection_lost_while_sending_asks_once_however_often_one_tries(
    widget: Widget, upstream: ToldUpstream
) -> None:
    sent = []

    def lose_the_answer(route: Route) -> None:
        sent.append(route.request.headers["idempotency-key"])
        if len(sent) == 1:
            route.abort("connectionreset")
        else:
            route.continue_()

    widget.page.route("**/messages", lose_the_answer)
    widget.page.route("**/stream", lambda route: route.abort("connectionreset"))
    widget.ask("Sent once?")
    expect(widget.panel.get_by_role("alert")).to_contain_text("The connection dropped.")
    widget.page.unroute("**/stream")
    upstream.say("Once.")
    upstream.finish()
    widget.button("Try again").click()
    expect(widget.answers).to_have_text("Once.")
    assert sent[0] == sent[1], "the same key"
    assert asked(upstream, "Sent once?") == 1


def test_an_answer_that_is_under_way_is_found_when_the_sending_lost_its_connection(
    widget: Widget, upstream: ToldUpstream, told_proxy: RunningProxy
) -> None:
    """The request arrived, its response did not: nothing is sent again, and the answer is read."""

    def send_and_lose(route: Route) -> None:
        # The page's own fetch is cut while another, just like it, arrives and stays open.
        widget.page.evaluate(
            """([url, body, headers]) => {
                 globalThis.sent = fetch(url, { method: "POST", body, headers, credentials: "include" });
               }""",
            [route.request.url + "?", route.request.post_data, dict(route.request.headers)],
        )
        widget.page.wait_for_function("sent.then(() => true)")
        route.abort("connectionreset")

    widget.page.route(re.compile(r"/messages$"), send_and_lose)
    upstream.say("Under ")
    widget.ask("Is it under way?")
    expect(widget.answers).to_have_text("Under")
    upstream.say("way.")
    upstream.finish()
    expect(widget.answers).to_have_text("Under way.")
    expect(widget.panel.get_by_role("alert")).to_have_count(0)
    assert asked(upstream, "Is it under way?") == 1


def test_a_server_that_is_gone_is_said_to_be(widget: Widget) -> None:
    widget.page.route("**/v2/**", lambda route: route.abort("connectionrefused"))
    widget.page.route("**/healthz", lambda route: route.abort("connectionrefused"))
    widget.ask("Anybody?")
    alert = widget.panel.get_by_role("alert")
    expect(alert).to_contain_text("The assistant does not answer at all.")
    expect(widget.panel.locator(".bubble")).to_have_text("Anybody?")
    expect(widget.button("Try again")).to_be_enabled()


def test_offline_is_said_at_once_and_again_when_it_is_over(
    widget: Widget, upstream: ToldUpstream
) -> None:
    context = widget.page.context
    context.set_offline(True)
    expect(widget.panel).to_contain_text("You are offline. What you write is kept.")
    widget.ask("Why offline?")
    alert = widget.panel.get_by_role("alert")
    expect(alert).to_contain_text("You are offline. Your question is kept.")
    context.set_offline(False)
    expect(alert).to_contain_text("You are online again.")
    expect(widget.panel).not_to_contain_text("What you write is kept")
    upstream.say("Online.")
    upstream.finish()
    widget.button("Try again").click()
    expect(widget.answers).to_have_text("Online.")


def test_a_closed_chat_offers_a_new_one_and_what_was_said_stays_to_be_read(
    widget: Widget, upstream: ToldUpstream
) -> None:
    upstream.say("First.")
    upstream.finish()
    widget.ask("One?")
    expect(widget.button("Good answer")).to_be_visible()
    upstream.refuse(409, "CONFLICT", resource="conversation", conflictingField="status")
    widget.ask("Two?")
    expect(widget.panel.get_by_role("alert")).to_contain_text("This chat was closed.")
    upstream.say("Second.")
    upstream.finish()
    widget.button("Ask in a new chat").click()
    expect(widget.answers).to_have_text(["First.", "Second."])
    expect(widget.panel).to_contain_text("this is a new chat")


def test_where_nothing_can_be_kept_it_is_said(
    page: Page, pages: HostPages, told_proxy: RunningProxy, upstream: ToldUpstream
) -> None:
    page.add_init_script(
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }"
    )
    widget = Widget(page, pages, told_proxy)
    widget.visit()
    widget.open()
    upstream.say("Yes.")
    upstream.finish()
    widget.ask("Full?")
    expect(widget.answers).to_have_text("Yes.")
    expect(widget.panel).to_contain_text("This browser keeps nothing for this site")


def test_after_a_long_absence_the_question_goes_on_in_a_new_chat_and_that_is_said(
    widget: Widget, upstream: ToldUpstream
) -> None:
    upstream.say("First.")
    upstream.finish()
    widget.ask("Before?")
    expect(widget.button("Good answer")).to_be_visible()
    widget.page.context.clear_cookies()
    upstream.say("Second.")
    upstream.finish()
    widget.ask("After?")
    expect(widget.answers).to_have_text(["First.", "Second."])
    expect(widget.panel).to_contain_text("You were away for a while.")
    assert asked(upstream, "After?") == 1


def test_a_stranger_s_conversation_in_the_storage_is_forgotten(
    widget: Widget, upstream: ToldUpstream
) -> None:
    upstream.say("Yes.")
    upstream.finish()
    widget.ask("Mine?")
    expect(widget.button("Good answer")).to_be_visible()
    widget.page.evaluate(
        "(key) => localStorage.setItem(key, '123e4567-e89b-12d3-a456-426614174000')",
        widget.kept_as("conversation"),
    )
    widget.page.reload()
    widget.open()
    expect(widget.panel).to_contain_text("Your earlier chat is no longer here.")
    assert widget.kept("conversation") == ""
    upstream.say("New.")
    upstream.finish()
    widget.ask("And now?")
    expect(widget.answers).to_have_text("New.")


def test_while_another_answer_is_written_in_the_chat_the_question_waits_and_is_kept(
    widget: Widget, upstream: ToldUpstream
) -> None:
    upstream.say("First.")
    upstream.finish()
    widget.ask("One?")
    expect(widget.button("Good answer")).to_be_visible()
    # As from a device that tells this one nothing.
    widget.page.evaluate(
        """async ([proxy, id]) => {
             globalThis.elsewhere = await fetch(`${proxy}/v2/conversations/${id}/messages`, {
               method: "POST", credentials: "include",
               headers: { "Content-Type": "application/json" },
               body: JSON.stringify({ content: "Elsewhere?", stream: true }),
             });
           }""",
        [widget.proxy_address, widget.kept("conversation")],
    )
    widget.ask("Meanwhile?")
    alert = widget.panel.get_by_role("alert")
    expect(alert).to_contain_text("An answer is still being written")
    upstream.finish()
    upstream.wait_until_left()
    upstream.say("Second.")
    upstream.finish()
    widget.button("Try again").click()
    expect(widget.answers.last).to_have_text("Second.")
    assert asked(upstream, "Meanwhile?") == 1


def test_what_a_person_writes_who_took_over_comes_by_itself_under_their_name(
    widget: Widget, upstream: ToldUpstream
) -> None:
    upstream.hand_over()
    widget.ask("May I speak to somebody?")
    expect(widget.panel).to_contain_text("A person has taken over.")
    upstream.write_as_person("Ada", "Hello, how can I help?")
    written = widget.panel.locator(".answer").filter(has=widget.page.get_by_text("Ada", exact=True))
    expect(written).to_contain_text("Hello, how can I help?", timeout=20_000)
    expect(widget.panel).to_contain_text("You are writing with Ada, a person.", timeout=20_000)
    upstream.fall_silent()
