"""Asking: at a selection, by keyboard and by touch, with actions of its own; and the composer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from support.servers import HostPages, RunningProxy
from support.told import ToldUpstream
from support.widget import HOLD_READING, Widget

ACTIONS = (
    """data-actions='["translate", {"label": "Find the date", "question": "When was this?"}, 7]'"""
)


@pytest.fixture
def widget(
    page: Page, pages: HostPages, told_proxy: RunningProxy, upstream: ToldUpstream
) -> Iterator[Widget]:
    yield Widget(page, pages, told_proxy)
    upstream.forget()


def answered(widget: Widget, upstream: ToldUpstream, question: str) -> None:
    """Asks, and waits for the end of the answer."""
    upstream.say("Because.")
    upstream.finish()
    widget.ask(question)
    expect(widget.panel.locator(".bubble").last).to_have_text(question)
    expect(widget.button("Good answer").last).to_be_visible()
    expect(widget.button("Send")).to_be_visible()


def test_a_quick_action_asks_at_once_about_the_selection(
    widget: Widget, upstream: ToldUpstream
) -> None:
    upstream.say("It needs someone.")
    upstream.finish()
    widget.visit()
    widget.select("#second")
    widget.button("Summarise").click()
    expect(widget.answers).to_have_text("It needs someone.")
    asked = upstream.asked[-1]
    assert asked["content"] == "Summarise this passage in a few sentences."
    assert asked["pageContext"]["textSelection"].startswith("A lamp needs a keeper.")
    assert asked["pageContext"]["title"] == "The lamp"
    assert "Electric light" not in asked["pageContext"].get("content", "")


def test_a_quick_action_while_an_answer_comes_waits_in_the_composer(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.visit()
    widget.open()
    upstream.say("Slowly")
    widget.ask("Why?")
    expect(widget.answers).to_have_text("Slowly")
    widget.page.locator("h1").click()
    widget.select("#second")
    widget.button("Explain").click()
    expect(widget.question).to_have_value("Explain this passage in simpler words.")
    upstream.finish()
    expect(widget.button("Send")).to_be_enabled()


def test_the_owners_actions_stand_in_the_order_and_words_they_gave(
    browser: Browser, pages: HostPages, told_proxy: RunningProxy, upstream: ToldUpstream
) -> None:
    context = browser.new_context(locale="de-DE")
    widget = Widget(context.new_page(), pages, told_proxy)
    widget.visit(attributes=ACTIONS)
    widget.select("#second")
    group = widget.page.get_by_role("group", name="Ask about the selection")
    expect(group.get_by_role("button")).to_have_text(
        ["Ask about this", "Translate", "Find the date", "×"]
    )
    upstream.say("Eine Lampe.")
    upstream.finish()
    group.get_by_role("button", name="Translate").click()
    expect(widget.answers).to_have_text("Eine Lampe.")
    assert upstream.asked[-1]["content"] == "Translate this passage into Deutsch."
    context.close()


@pytest.mark.parametrize("value", ["[]", "nonsense"])
def test_an_empty_list_of_actions_is_none_and_a_faulty_one_is_not_followed(
    widget: Widget, value: str
) -> None:
    widget.visit(attributes=f"data-actions='{value}'")
    widget.select("#second")
    group = widget.page.get_by_role("group", name="Ask about the selection")
    expect(group).to_be_visible()
    expect(group.get_by_role("button", name="Explain")).to_have_count(0 if value == "[]" else 1)


def test_a_visitor_can_switch_the_offer_off_here_and_get_it_back(widget: Widget) -> None:
    widget.visit()
    widget.select("#second")
    widget.button("Do not offer this on this site").click()
    widget.button("No longer offered on this site. Undo").click()
    expect(widget.button("Ask about this")).to_be_visible()
    assert widget.page.evaluate("localStorage.length") == 0
    widget.button("Do not offer this on this site").click()

    widget.page.reload()
    widget.page.locator("asklight-widget").wait_for(state="attached")
    widget.page.clock.install()
    widget.select("#second")
    widget.page.clock.run_for(1_000)
    expect(widget.button("Ask about this")).to_be_hidden()
    widget.page.clock.resume()
    widget.open()
    expect(widget.panel.locator(".chip.selection")).to_be_visible()
    widget.button("Switch it on").click()
    expect(widget.panel.get_by_text("is switched off at selections")).to_have_count(0)
    widget.panel.get_by_role("button", name="Close").click()
    widget.page.locator("h1").click()
    widget.select("#third")
    expect(widget.button("Ask about this")).to_be_visible()


def test_the_owner_can_switch_the_offer_off(widget: Widget) -> None:
    widget.visit(attributes='data-ask="off"')
    widget.page.clock.install()
    widget.select("#second")
    widget.page.clock.run_for(1_000)
    expect(widget.button("Ask about this")).to_be_hidden()
    widget.page.clock.resume()
    widget.open()
    expect(widget.panel.locator(".chip.selection")).to_be_visible()
    expect(widget.button("Switch it on")).to_have_count(0)


def test_by_keyboard_a_selection_is_asked_about(widget: Widget, upstream: ToldUpstream) -> None:
    keys = widget.page.keyboard
    widget.visit()
    widget.select("#second")
    ask = widget.button("Ask about this")
    expect(widget.button("Explain")).to_be_visible()
    keys.press("Alt+Shift+A")
    expect(ask).to_be_focused()
    expect(ask).to_have_attribute("aria-keyshortcuts", "Alt+Shift+A")
    keys.press("Tab")
    expect(widget.button("Explain")).to_be_focused()
    upstream.say("Simply.")
    upstream.finish()
    keys.press("Enter")
    expect(widget.answers).to_have_text("Simply.")
    expect(widget.question).to_be_focused()
    keys.press("Escape")
    expect(widget.panel).to_be_hidden()

    widget.page.locator("#secret").focus()
    keys.press("Alt+Shift+A")
    expect(widget.panel).to_be_hidden()
    widget.page.locator("h1").click()
    keys.press("Alt+Shift+A")
    expect(widget.question).to_be_focused()


def test_on_a_phone_the_offer_stands_apart_from_the_selection_and_its_menu(
    browser: Browser, pages: HostPages, told_proxy: RunningProxy
) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    widget = Widget(context.new_page(), pages, told_proxy)
    widget.visit(head='<meta name="viewport" content="width=device-width">')
    widget.select("#second")
    expect(widget.button("Explain")).to_be_visible()
    passage = widget.page.locator("#second").bounding_box()
    launcher = widget.launcher.bounding_box()
    assert passage
    assert launcher
    for name in ("Ask about this", "Explain", "Summarise", "Do not offer this on this site"):
        box = widget.button(name).bounding_box()
        assert box
        assert box["height"] >= 44
        assert box["y"] > passage["y"] + passage["height"] + 100
        assert box["y"] + box["height"] <= launcher["y"]
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 390
    widget.button("Ask about this").tap()
    expect(widget.panel.locator(".chip.selection")).to_be_visible()
    context.close()


def test_an_empty_panel_offers_three_questions_made_of_the_pages_headings(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.visit(body="<h2>The keeper</h2><p>Text.</p><h2>The ships</h2><p>Text.</p><h3>Tar</h3>")
    widget.open()
    questions = widget.panel.get_by_role("list", name="Questions to start with")
    expect(questions.get_by_role("button")).to_have_text(
        [
            "What are the main points of this page?",
            "What does this page say about “The keeper”?",
            "What does this page say about “The ships”?",
        ]
    )
    upstream.say("Much.")
    upstream.finish()
    questions.get_by_role("button").nth(1).click()
    expect(widget.answers).to_have_text("Much.")
    assert upstream.asked[-1]["content"] == "What does this page say about “The keeper”?"


def test_what_is_typed_while_an_answer_comes_is_kept_and_sent_after_it(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.visit()
    widget.open()
    upstream.say("First ")
    widget.ask("One?")
    expect(widget.answers).to_have_text("First")
    count = len(upstream.asked)
    widget.question.press_sequentially("Two?")
    widget.question.press("Enter")
    upstream.say("answer.")
    expect(widget.answers).to_have_text("First answer.")
    expect(widget.question).to_have_value("Two?")
    assert len(upstream.asked) == count
    upstream.finish()
    expect(widget.button("Send")).to_be_visible()
    upstream.say("Second.")
    upstream.finish()
    widget.question.press("Enter")
    expect(widget.answers.last).to_have_text("Second.")
    assert upstream.asked[-1]["content"] == "Two?"


def test_the_up_arrow_brings_the_last_question_back_into_an_empty_field_alone(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.visit()
    widget.open()
    answered(widget, upstream, "Who lit the lamp?")
    widget.question.press("ArrowUp")
    expect(widget.question).to_have_value("Who lit the lamp?")
    widget.question.fill("Something else")
    widget.question.press("ArrowUp")
    expect(widget.question).to_have_value("Something else")


def test_an_earlier_question_is_edited_and_asked_as_a_new_one(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.visit()
    widget.open()
    answered(widget, upstream, "Who lit the lamp?")
    answered(widget, upstream, "And when?")
    edit = widget.button("Edit and ask again").first
    edit.click()
    expect(widget.question).to_have_value("Who lit the lamp?")
    expect(widget.question).to_be_focused()
    note = widget.panel.get_by_text("This goes as a new message.")
    expect(note).to_be_visible()
    widget.question.press("Escape")
    expect(note).to_have_count(0)
    expect(widget.question).to_have_value("")
    expect(widget.panel).to_be_visible()
    edit.click()
    answered(widget, upstream, "Who put the lamp out?")
    expect(note).to_have_count(0)
    expect(widget.panel.locator(".bubble")).to_have_text(
        ["Who lit the lamp?", "And when?", "Who put the lamp out?"]
    )


def test_a_question_that_is_too_long_is_said_to_be_before_it_is_sent(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.visit()
    widget.open()
    count = len(upstream.asked)
    widget.question.fill("😀" * 4_990)
    expect(widget.panel.get_by_text("20 characters left")).to_be_visible()
    widget.question.fill("😀" * 5_001)
    expect(widget.panel.get_by_text("2 characters too many")).to_be_visible()
    widget.question.press("Enter")
    expect(widget.button("Send")).to_be_disabled()
    assert len(widget.question.input_value()) == 5_001
    assert len(upstream.asked) == count
    longest = "😀" * 5_000
    answered(widget, upstream, longest)
    assert upstream.asked[-1]["content"] == longest


def test_while_a_word_is_composed_by_the_browser_enter_is_not_ours(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.visit()
    widget.open()
    answered(widget, upstream, "Who lit the lamp?")
    count = len(upstream.asked)
    session = widget.page.context.new_cdp_session(widget.page)
    key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    session.send("Input.imeSetComposition", {"text": "か", "selectionStart": 1, "selectionEnd": 1})
    expect(widget.question).to_have_value("か")
    session.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
    session.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})
    session.send("Input.imeSetComposition", {"text": "火", "selectionStart": 1, "selectionEnd": 1})
    session.send("Input.insertText", {"text": "火"})
    expect(widget.question).to_have_value("火")
    assert len(upstream.asked) == count
    answered(widget, upstream, "火")


def test_a_question_asked_before_the_page_is_read_waits_for_it_and_is_not_lost(
    widget: Widget, upstream: ToldUpstream
) -> None:
    before = len(upstream.asked)
    widget.visit()
    widget.page.evaluate(HOLD_READING)
    widget.open()
    widget.ask("Half a thought?")
    bubble = widget.panel.locator(".bubble")
    expect(bubble).to_be_visible()
    expect(widget.panel.locator(".receipt")).to_have_count(0)
    # Reloaded now, nothing of it is lost.
    widget.page.reload()
    widget.open()
    expect(widget.question).to_have_value("Half a thought?")
    widget.page.reload()
    widget.page.evaluate(HOLD_READING)
    widget.open()
    widget.ask("Who lit it?")
    expect(bubble).to_have_text("Who lit it?")
    widget.question.press("Enter")
    widget.question.type("And when")
    widget.question.press("Enter")
    widget.button("Stop").click()
    expect(bubble).to_have_count(0)
    expect(widget.question).to_have_value("Who lit it?\nAnd when")
    widget.ask("Who lit it?")
    expect(bubble).to_have_text("Who lit it?")
    assert len(upstream.asked) == before
    widget.page.evaluate("goOnReading()")
    upstream.say("The keeper.")
    upstream.finish()
    expect(widget.answers).to_have_text("The keeper.")
    expect(widget.panel.locator(".receipt")).to_have_text("Sent: Page text, Title, Address")
    [asked] = upstream.asked[before:]
    assert "The first lamp stood on the pier" in asked["pageContext"]["content"]


def test_a_page_that_is_not_read_in_time_is_not_waited_for_and_that_is_said(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.visit()
    widget.page.evaluate(HOLD_READING)
    widget.open()
    upstream.say("Nobody knows.")
    upstream.finish()
    widget.ask("Who lit it?")
    expect(widget.panel.locator(".receipt")).to_have_text(
        ["Sent without the page", "This was sent before the page had been read."]
    )
    assert upstream.asked[-1].get("pageContext") is None
    widget.page.evaluate("goOnReading()")
    expect(widget.answers).to_have_text("Nobody knows.")
    expect(widget.chip("Page text")).to_be_visible()
