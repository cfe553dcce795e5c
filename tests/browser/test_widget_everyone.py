"""The widget for everyone: by keyboard alone, for screen readers, in every mode."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from support.servers import HostPages, RunningProxy
from support.told import ToldUpstream
from support.widget import Widget


@pytest.fixture
def widget(page: Page, pages: HostPages, told_proxy: RunningProxy) -> Widget:
    return Widget(page, pages, told_proxy)


def test_everything_can_be_done_by_keyboard(widget: Widget, upstream: ToldUpstream) -> None:
    keys = widget.page.keyboard
    widget.visit()
    widget.launcher.focus()
    keys.press("Enter")
    expect(widget.question).to_be_focused()
    expect(widget.chip("Page text")).to_be_visible()

    keys.press("Shift+Tab")
    expect(widget.button("Leave out: Address")).to_be_focused()
    keys.press("Space")
    expect(widget.button("Send again: Address")).to_be_focused()
    keys.press("Shift+Tab")
    keys.press("Enter")
    expect(widget.panel.get_by_role("region", name="Address")).to_be_visible()
    keys.press("Escape")
    expect(widget.panel.get_by_role("region", name="Address")).to_have_count(0)
    keys.press("Tab")
    keys.press("Tab")
    expect(widget.question).to_be_focused()

    upstream.say("The [wind](https://example.com/).")
    keys.type("Why")
    keys.press("Shift+Enter")
    keys.type("did it go out?")
    keys.press("Enter")
    expect(widget.answers).to_have_text("The wind (example.com).")
    assert upstream.asked[-1]["content"] == "Why\ndid it go out?"
    assert "url" not in upstream.asked[-1]["pageContext"]

    keys.press("Tab")
    expect(widget.button("Stop")).to_be_focused()
    keys.press("Enter")
    expect(widget.panel).to_contain_text("You stopped this answer.")
    expect(widget.button("Send")).to_be_focused()
    widget.panel.get_by_role("log").focus()
    keys.press("Tab")
    expect(widget.panel.get_by_text("Sent: Page text, Title")).to_be_focused()
    keys.press("Tab")
    expect(widget.button("Edit and ask again")).to_be_focused()
    keys.press("Tab")
    expect(widget.panel.get_by_text("wind")).to_be_focused()
    keys.press("Tab")
    expect(widget.button("Copy")).to_be_focused()

    keys.press("Escape")
    expect(widget.panel).to_be_hidden()
    expect(widget.launcher).to_be_focused()
    keys.press("Enter")
    expect(widget.question).to_be_focused()


def test_focus_is_not_trapped(widget: Widget) -> None:
    widget.visit(body="<p>Text.</p>")
    widget.open()
    seen = set()
    for _ in range(25):
        widget.page.keyboard.press("Shift+Tab")
        seen.add(widget.page.evaluate("document.activeElement.localName"))
    assert seen == {"asklight-widget", "body"}


def test_while_a_word_is_composed_enter_does_not_send(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.visit()
    widget.open()
    before = len(upstream.asked)
    session = widget.page.context.new_cdp_session(widget.page)
    session.send("Input.imeSetComposition", {"text": "か", "selectionStart": 1, "selectionEnd": 1})
    widget.question.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    widget.question.dispatch_event("keydown", {"key": "Enter", "keyCode": 229})
    session.send("Input.insertText", {"text": "か"})
    expect(widget.question).to_have_value("か")
    assert len(upstream.asked) == before


def test_a_screen_reader_hears_sentences_and_no_pieces(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.visit()
    widget.open()
    log = widget.panel.get_by_role("log", name="Conversation")
    expect(log).to_have_attribute("aria-live", "off")
    spoken = widget.page.locator("asklight-widget [aria-live=polite]")
    widget.ask("Why?")
    expect(spoken).to_have_text("The answer is coming.")
    upstream.say("It was ", "the **wind**. And ")
    expect(widget.answers).to_have_text("It was the wind. And")
    expect(spoken.locator("p")).to_have_text(["The answer is coming.", "It was the wind."])
    upstream.say("more.")
    upstream.finish()
    expect(spoken.locator("p")).to_have_text(
        ["The answer is coming.", "It was the wind.", "And more.", "The answer is complete."]
    )


def test_on_a_page_from_right_to_left_it_keeps_its_own_direction(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.visit(head="<script>document.documentElement.dir = 'rtl'</script>")
    widget.open()
    upstream.say("هبت الريح.")
    upstream.finish()
    widget.ask("لماذا؟")
    expect(widget.answers).to_have_text("هبت الريح.")
    directions = widget.panel.evaluate(
        """panel => [panel, panel.querySelector('.bubble'), panel.querySelector('.prose p')]
          .map(element => getComputedStyle(element).direction)"""
    )
    assert directions == ["ltr", "rtl", "rtl"]
    box = widget.panel.bounding_box()
    assert box
    assert box["x"] + box["width"] == 1280 - 20


def test_with_less_motion_nothing_moves(
    browser: Browser, pages: HostPages, told_proxy: RunningProxy
) -> None:
    context = browser.new_context(reduced_motion="reduce")
    widget = Widget(context.new_page(), pages, told_proxy)
    widget.visit()
    widget.open()
    assert widget.panel.evaluate("panel => panel.getAnimations({ subtree: true }).length") == 0
    context.close()
