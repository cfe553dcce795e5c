"""``Asklight(command, …)``: what a page's own script can say to the widget, and what it hears."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from support.servers import HostPages, RunningProxy
from support.widget import PANEL, PROXY_HOST, Widget

STUB = "window.Asklight ||= function () { (Asklight._q ||= []).push(arguments) };"
"""The queue that the README gives, for calls before the script is there."""

LEFT_BEHIND = """() => ({
  elements: document.querySelectorAll('asklight-widget').length,
  highlights: CSS.highlights.size,
  sheets: document.adoptedStyleSheets.length,
  listeners: listening.size,
  name: typeof window.Asklight,
  margin: getComputedStyle(document.documentElement).margin,
})"""

COUNT_LISTENERS = """
  // Every listener on the page's own targets that is neither removed nor aborted.
  window.listening = new Set();
  for (const target of [window, document, navigation, visualViewport]) {
    const { addEventListener, removeEventListener } = target;
    target.addEventListener = function (type, listener, options) {
      const entry = { type, listener };
      // Whoever drives this browser listens too.
      if (new Error().stack.includes('b.localhost')) listening.add(entry);
      options?.signal?.addEventListener('abort', () => listening.delete(entry));
      return addEventListener.call(this, type, listener, options);
    };
    target.removeEventListener = function (type, listener, options) {
      for (const entry of listening)
        if (entry.type === type && entry.listener === listener) listening.delete(entry);
      return removeEventListener.call(this, type, listener, options);
    };
  }
"""


@pytest.fixture
def widget(page: Page, pages: HostPages, site: RunningProxy) -> Widget:
    return Widget(page, pages, site)


def said_in_console(page: Page) -> list[str]:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(f"thrown: {error}"))
    return said


def test_what_was_called_before_the_script_came_is_done_in_its_order(widget: Widget) -> None:
    calls = "Asklight('theme', 'dark'); Asklight('ask', 'Why?'); Asklight('ask', 'Who lit it?');"
    widget.visit(head=f"<script>{STUB}{calls}</script>")
    expect(widget.question).to_have_value("Who lit it?")
    expect(widget.panel).to_have_attribute("data-theme", "dark")
    expect(widget.panel.locator(".bubble")).to_have_count(0)


def test_a_page_that_asks_for_its_visitor_gets_the_answer(widget: Widget) -> None:
    widget.visit()
    widget.page.evaluate("Asklight('ask', 'Who lit the lamp?', { send: true })")
    expect(widget.panel.locator(".bubble")).to_have_text("Who lit the lamp?")
    expect(widget.answers).to_contain_text("Every evening the keeper climbed the stairs")


def test_what_the_page_says_of_itself_goes_in_place_of_what_is_read(widget: Widget) -> None:
    widget.visit()
    widget.page.evaluate(
        "Asklight('context', { title: 'Order 17', content: 'The order was sent on Monday.', url: null })"
    )
    widget.open()
    expect(widget.chip("Title")).to_be_visible()
    expect(widget.chip("Address")).to_have_count(0)
    widget.chip("Page text").locator(".chip-open").click()
    expect(widget.panel.locator(".exact-text")).to_have_text("The order was sent on Monday.")
    widget.page.evaluate("Asklight('context', null)")
    expect(widget.panel.locator(".exact-text")).to_contain_text("Every evening")
    expect(widget.chip("Address")).to_be_visible()


def test_the_theme_follows_the_page(widget: Widget) -> None:
    widget.visit(attributes='data-theme="light"')
    widget.open()
    paper = "panel => getComputedStyle(panel).backgroundColor"
    assert widget.panel.evaluate(paper) == "rgb(255, 253, 247)"
    widget.page.evaluate("Asklight('theme', 'dark')")
    expect(widget.panel).to_have_css("background-color", "rgb(25, 24, 20)")


def test_the_page_hears_what_happens_until_it_no_longer_listens(widget: Widget) -> None:
    widget.visit()
    widget.page.evaluate(
        """() => {
          window.heard = [];
          window.listener = (detail) => heard.push(['answer', detail.state, detail.question]);
          Asklight('on', 'open', () => heard.push(['open']));
          Asklight('on', 'open', () => { throw new Error('the page stumbles') });
          Asklight('on', 'close', () => heard.push(['close']));
          Asklight('on', 'question', ({ text }) => heard.push(['question', text]));
          Asklight('on', 'feedback', ({ feedback }) => heard.push(['feedback', feedback]));
          Asklight('on', 'answer', listener);
        }"""
    )
    said = said_in_console(widget.page)
    widget.open()
    widget.ask("Who lit the lamp?")
    widget.button("Good answer").click()
    expect(widget.button("Good answer")).to_have_attribute("aria-pressed", "true")
    widget.button("Close").click()
    widget.page.wait_for_function("heard.length === 5")
    assert widget.page.evaluate("heard") == [
        ["open"],
        ["question", "Who lit the lamp?"],
        ["answer", "complete", "Who lit the lamp?"],
        ["feedback", "like"],
        ["close"],
    ]
    assert any("the page stumbles" in line for line in said)
    widget.page.evaluate("heard.length = 0; Asklight('off', 'answer', listener)")
    widget.open()
    widget.ask("And then?")
    expect(widget.button("Good answer")).to_have_count(2)
    widget.button("Close").click()
    widget.page.wait_for_function("heard.length === 3")
    assert [event[0] for event in widget.page.evaluate("heard")] == ["open", "question", "close"]


def test_a_page_that_listens_while_the_panel_is_on_its_way_hears_it_open(widget: Widget) -> None:
    held: list[Route] = []
    widget.page.route(PANEL, lambda route: held.append(route))
    widget.visit()
    widget.launcher.click()
    with widget.page.expect_response(re.compile(r"/assets/commands-")):
        widget.page.evaluate(
            "() => { window.heard = []; Asklight('on', 'open', () => heard.push('open')) }"
        )
    for route in held:
        route.continue_()
    expect(widget.question).to_be_focused()
    assert widget.page.evaluate("heard") == ["open"]


def test_an_answer_of_an_earlier_visit_is_no_news(widget: Widget) -> None:
    widget.visit()
    widget.open()
    widget.ask("Who lit the lamp?")
    expect(widget.button("Good answer")).to_be_visible()
    widget.page.reload()
    widget.page.locator("asklight-widget").wait_for(state="attached")
    widget.page.evaluate(
        """() => {
          window.heard = [];
          for (const name of ['question', 'answer', 'person', 'failure', 'open'])
            Asklight('on', name, () => heard.push(name));
          Asklight('open');
        }"""
    )
    expect(widget.button("Good answer")).to_be_visible()
    assert widget.page.evaluate("heard") == ["open"]


FAULTY = (
    ("'fly'", '"fly" is no command. There are open,'),
    ("'toString'", '"toString" is no command'),
    ("", "undefined is no command"),
    ("Symbol('open')", "is no command"),
    ("'ask'", 'Asklight("ask", …) needs the question as text.'),
    ("'ask', { question: 'Why?' }", 'Asklight("ask", …) needs'),
    ("'theme', 'blue'", 'needs "light", "dark" or "auto"'),
    ("'context', 'text'", 'Asklight("context", …) needs'),
    ("'context', { text: 'unknown' }", 'Asklight("context", …) needs'),
    ("'context', { content: 7 }", 'Asklight("context", …) needs'),
    ("'on', 'opened', () => {}", 'Asklight("on", …) needs an event'),
    ("'on', 'open'", 'Asklight("on", …) needs an event'),
    ("'off', 'open', 'listener'", 'Asklight("off", …) needs an event'),
)
"""Calls, and what the console says of each."""


def test_a_faulty_call_is_a_line_in_the_console_and_nothing_more(widget: Widget) -> None:
    widget.visit()
    said = said_in_console(widget.page)
    for call, complaint in FAULTY:
        said.clear()
        with widget.page.expect_console_message(lambda message: message.type == "error"):
            widget.page.evaluate(f"Asklight({call})")
        assert len(said) == 1
        assert complaint in said[0]
    expect(widget.panel).to_have_count(0)


def test_commands_that_cannot_be_loaded_are_a_line_in_the_console_and_tried_again(
    widget: Widget,
) -> None:
    widget.visit()
    said = said_in_console(widget.page)
    widget.page.route("**/assets/commands-*.js", lambda route: route.abort())
    with widget.page.expect_console_message(lambda message: "Asklight:" in message.text):
        widget.page.evaluate("Asklight('open')")
    assert not [line for line in said if line.startswith("thrown")]
    widget.page.unroute("**/assets/commands-*.js")
    widget.page.evaluate("Asklight('open')")
    expect(widget.question).to_be_visible()


def left_behind(widget: Widget) -> dict[str, Any]:
    found: dict[str, Any] = widget.page.evaluate(LEFT_BEHIND)
    return found


@pytest.mark.parametrize("attributes", ["", 'data-mode="side"'])
def test_destroyed_it_leaves_nothing_behind(widget: Widget, attributes: str) -> None:
    widget.visit(head=f"<script>{COUNT_LISTENERS}</script>", attributes=attributes)
    assert left_behind(widget)["listeners"] > 5
    widget.select("#second")
    widget.button("Ask about this").click()
    question = widget.page.get_by_label("Your question")
    question.fill("Who lit the lamp?")
    question.press("Enter")
    expect(widget.button("Good answer")).to_be_visible()
    before = left_behind(widget)
    assert (before["elements"], before["highlights"], before["sheets"] > 0) == (1, 1, True)
    widget.page.evaluate("Asklight('destroy')")
    widget.page.wait_for_function(f"({LEFT_BEHIND})().sheets === 0")
    assert left_behind(widget) == {
        "elements": 0,
        "highlights": 0,
        "sheets": 0,
        "listeners": 0,
        "name": "undefined",
        "margin": "0px",
    }


def test_destroyed_while_it_opens_it_is_gone_all_the_same(widget: Widget) -> None:
    widget.visit()
    errors = said_in_console(widget.page)
    widget.page.evaluate("Asklight('open'); Asklight('destroy'); Asklight('open')")
    widget.page.wait_for_function("!document.querySelector('asklight-widget')")
    widget.page.wait_for_load_state("networkidle")
    expect(widget.page.locator("asklight-widget")).to_have_count(0)
    assert errors == []


def test_after_it_was_destroyed_the_tag_starts_it_anew(widget: Widget, site: RunningProxy) -> None:
    widget.visit()
    widget.page.evaluate("Asklight('destroy')")
    expect(widget.page.locator("asklight-widget")).to_have_count(0)
    widget.page.add_script_tag(url=f"{site.at(PROXY_HOST)}/embed.js")
    widget.open()


def test_the_owner_can_leave_the_launcher_out(widget: Widget) -> None:
    widget.visit(attributes='data-launcher="off"')
    expect(widget.launcher).to_be_hidden()
    widget.select("#second")
    expect(widget.button("Ask about this")).to_be_visible()
    widget.page.evaluate("Asklight('open')")
    expect(widget.question).to_be_visible()
    widget.page.evaluate("Asklight('close')")
    expect(widget.panel).to_be_hidden()
    expect(widget.launcher).to_be_hidden()
