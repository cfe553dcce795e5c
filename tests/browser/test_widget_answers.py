"""Asking through the widget, and what becomes of the answer."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from support.servers import HostPages, running_proxy
from support.told import ToldUpstream
from support.widget import HOST, Widget


def test_an_answer_is_seen_growing_piece_by_piece(widget: Widget, upstream: ToldUpstream) -> None:
    widget.ask("Why did it go out?")
    so_far = ""
    for piece in ("Because ", "**nobody** ", "was on ", "the stairs."):
        upstream.say(piece)
        so_far += piece.replace("*", "")
        expect(widget.answers).to_have_text(so_far.strip())
    expect(widget.answers.locator("strong")).to_have_text("nobody")
    expect(widget.button("Stop")).to_be_visible()
    upstream.finish()
    expect(widget.button("Send")).to_be_visible()
    expect(widget.button("Good answer")).to_be_visible()


def test_what_was_shown_is_what_is_sent(widget: Widget, upstream: ToldUpstream) -> None:
    widget.chip("Title").get_by_role("button", name="Leave out: Title").click()
    widget.chip("Page text").locator(".chip-open").click()
    shown = widget.panel.get_by_role("region", name="Page text").locator(".exact-text").inner_text()
    upstream.say("Yes.")
    upstream.finish()
    widget.ask("Was there a keeper?")
    expect(widget.answers).to_have_text("Yes.")
    context = upstream.asked[-1]["pageContext"]
    assert context == {"url": widget.page.url, "content": shown}
    assert "The first lamp" in shown
    assert "hunter2" not in shown
    receipt = widget.panel.get_by_text("Sent: Page text, Address")
    receipt.click()
    expect(widget.panel.locator(".receipt")).to_contain_text("The first lamp")


def test_stop_ends_the_answer_and_keeps_what_came(widget: Widget, upstream: ToldUpstream) -> None:
    widget.ask("Why?")
    upstream.say("Because")
    expect(widget.answers).to_have_text("Because")
    widget.button("Stop").click()
    expect(widget.panel).to_contain_text("You stopped this answer.")
    expect(widget.answers).to_have_text("Because")
    expect(widget.button("Send")).to_be_visible()


def test_typing_goes_on_while_an_answer_comes(widget: Widget, upstream: ToldUpstream) -> None:
    widget.ask("Why?")
    upstream.say("Because")
    expect(widget.answers).to_have_text("Because")
    widget.question.fill("And then?")
    widget.question.press("Enter")
    upstream.say(" of the wind.")
    upstream.finish()
    expect(widget.answers).to_have_text("Because of the wind.")
    expect(widget.question).to_have_value("And then?")
    assert [body["content"] for body in upstream.asked[-1:]] == ["Why?"]


def test_an_answer_cut_off_keeps_its_text_and_can_be_asked_for_again(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.ask("Why?")
    upstream.say("Because")
    expect(widget.answers).to_have_text("Because")
    upstream.cut()
    expect(widget.panel).to_contain_text("What came so far is kept.")
    expect(widget.answers).to_have_text("Because")
    upstream.say("Because of the wind.")
    upstream.finish()
    widget.button("Ask again").click()
    expect(widget.answers.last).to_have_text("Because of the wind.")
    expect(widget.answers).to_have_count(2)


@pytest.mark.parametrize(
    ("status", "code", "details", "words"),
    [
        (402, "PAYMENT_REQUIRED", {}, "does not cover this now"),
        (503, "SERVICE_UNAVAILABLE", {}, "cannot be reached just now"),
    ],
)
def test_a_question_that_is_refused_is_kept_and_can_be_sent_again(
    widget: Widget,
    upstream: ToldUpstream,
    status: int,
    code: str,
    details: dict[str, object],
    words: str,
) -> None:
    upstream.refuse(status, code, **details)
    widget.ask("Why did it go out?")
    alert = widget.panel.get_by_role("alert")
    expect(alert).to_contain_text(words)
    expect(alert).to_contain_text("Your question is kept.")
    upstream.say("Wind.")
    upstream.finish()
    widget.button("Try again").click()
    expect(widget.answers).to_have_text("Wind.")
    expect(alert).to_have_count(0)


def test_a_question_that_is_refused_goes_back_to_be_changed(
    widget: Widget, upstream: ToldUpstream
) -> None:
    upstream.refuse(422, "VALIDATION_ERROR", field="content", reason="too odd")
    widget.ask("Why?")
    widget.button("Edit").click()
    expect(widget.question).to_have_value("Why?")
    expect(widget.question).to_be_focused()
    expect(widget.panel.get_by_role("alert")).to_have_count(0)


def test_a_question_asked_without_a_network_waits_for_it(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.page.context.set_offline(True)
    widget.ask("Why?")
    expect(widget.panel.get_by_role("alert")).to_contain_text("You are offline.")
    widget.page.context.set_offline(False)
    upstream.say("Wind.")
    upstream.finish()
    widget.button("Try again").click()
    expect(widget.answers).to_have_text("Wind.")


def test_a_question_too_long_is_not_sent_and_says_by_how_much(
    widget: Widget, upstream: ToldUpstream
) -> None:
    before = len(upstream.asked)
    widget.question.fill("x" * 10_003)
    expect(widget.panel).to_contain_text("3 characters too many")
    widget.question.press("Enter")
    expect(widget.question).to_have_value("x" * 10_003)
    assert len(upstream.asked) == before


def test_a_person_who_takes_over_is_named_as_one(widget: Widget, upstream: ToldUpstream) -> None:
    upstream.hand_over()
    widget.ask("May I speak to somebody?")
    expect(widget.panel).to_contain_text("A person has taken over.")


def test_a_reload_keeps_the_conversation(widget: Widget, upstream: ToldUpstream) -> None:
    upstream.say("Because of the wind.")
    upstream.finish()
    widget.ask("Why did it go out?")
    expect(widget.button("Good answer")).to_be_visible()
    widget.question.fill("half a thought")
    widget.page.reload()
    widget.open()
    expect(widget.panel.locator(".bubble")).to_have_text("Why did it go out?")
    expect(widget.answers).to_have_text("Because of the wind.")
    expect(widget.question).to_have_value("half a thought")


def test_a_reload_finds_an_answer_that_is_still_being_written(
    tmp_path: Path, page: Page, pages: HostPages, upstream: ToldUpstream
) -> None:
    settings = {"ASKLIGHT_ORIGINS": pages.at(HOST, ""), "ASKLIGHT_GRACE_SECONDS": "20"}
    with running_proxy(tmp_path, {**upstream.environment, **settings}) as patient:
        widget = Widget(page, pages, patient)
        widget.visit()
        widget.open()
        widget.ask("Why?")
        upstream.say("Because ")
        expect(widget.answers).to_have_text("Because")
        page.reload()
        upstream.say("of the wind")
        widget.open()
        expect(widget.answers).to_have_text("Because of the wind")
        expect(widget.button("Stop")).to_be_visible()
        upstream.say(".")
        upstream.finish()
        expect(widget.answers).to_have_text("Because of the wind.")
        expect(widget.button("Good answer")).to_be_visible()


def test_a_new_chat_starts_empty_and_stays_so(widget: Widget, upstream: ToldUpstream) -> None:
    upstream.say("Wind.")
    upstream.finish()
    widget.ask("Why?")
    expect(widget.answers).to_have_text("Wind.")
    widget.button("New chat").click()
    expect(widget.answers).to_have_count(0)
    widget.page.reload()
    widget.open()
    expect(widget.panel).to_contain_text("Ask about this page.")
    expect(widget.answers).to_have_count(0)


def test_an_answer_is_copied_as_it_was_written(widget: Widget, upstream: ToldUpstream) -> None:
    widget.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    upstream.say("The **wind**.")
    upstream.finish()
    widget.ask("Why?")
    widget.button("Copy").click()
    expect(widget.button("Copied")).to_be_visible()
    assert widget.page.evaluate("navigator.clipboard.readText()") == "The **wind**."


def test_a_source_has_no_address_until_it_is_used(
    widget: Widget, upstream: ToldUpstream, pages: HostPages
) -> None:
    pages.put("/elsewhere", "<!doctype html><title>Elsewhere</title>")
    target = pages.at(HOST, "/elsewhere")
    upstream.say(f'The wind [The lamp][1].\n\n[1]: {target} "The lamp"\n')
    upstream.finish()
    widget.ask("Why?")
    source = widget.panel.locator(".sources").get_by_role("link", name="The lamp")
    source.hover()
    expect(widget.panel.locator(".citation")).to_have_text(
        f"The lamp {HOST}:{urlsplit(target).port}"
    )
    assert widget.panel.locator("a[href]").count() == 0
    with widget.page.context.expect_page() as opened:
        source.click()
    assert opened.value.url == target
    assert opened.value.evaluate("document.referrer") == ""
    assert widget.panel.locator("a[href]").count() == 0
