"""By keyboard alone, from the page and back to it: every stop is seen, and the focus is never lost."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Page, Route, expect

from support.servers import HostPages, RunningProxy
from support.states.kinds import answer
from support.told import ToldUpstream
from support.widget import ARTICLE, SELECT, Widget

BODY = f'<button id="help">Help</button>{ARTICLE}'

FOCUSED = """() => {
  let element = document.activeElement;
  while (element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  const box = element.closest('.composer-box, .chats-search') ?? element;
  const isOurs = element.getRootNode() !== document;
  const seen = !isOurs || [element, box].some((each) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(each);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
  });
  const { width, height } = element.getBoundingClientRect();
  return {
    name: element.ariaLabel || element.textContent.trim().replace(/\\s+/g, ' ') || element.localName,
    isSeen: seen && element.matches(':focus-visible') && width > 0 && height > 0,
    isLost: element === document.body,
  };
}"""


class Keys:
    """A visitor's keyboard, which is all they have."""

    def __init__(self, page: Page) -> None:
        self._page = page

    @property
    def at(self) -> str:
        """What has the focus; it is seen to have it."""
        focused = self._page.evaluate(FOCUSED)
        assert not focused["isLost"], "the focus is lost"
        assert focused["isSeen"], f"nobody sees that {focused['name']!r} has the focus"
        name: str = focused["name"]
        return name

    def stands_at(self, name: str) -> None:
        """Waits until what is named so, or begins with that, has the focus, and is seen to have it."""
        wait = f"(name) => ({FOCUSED})().name.startsWith(name)"
        self._page.wait_for_function(wait, arg=name)
        assert self.at.startswith(name)

    def press(self, *keys: str) -> None:
        for key in keys:
            self._page.keyboard.press(key)

    def write(self, text: str) -> None:
        self._page.keyboard.type(text)

    def go(self, name: str, *, by: str = "Tab") -> None:
        """Goes on until what is named, or begins with that, has the focus."""
        passed = []
        for _ in range(40):
            self.press(by)
            passed.append(self.at)
            if passed[-1].startswith(name):
                return
        raise AssertionError(f"{name!r} is not reached by {by}: {passed}")

    def back(self, name: str) -> None:
        self.go(name, by="Shift+Tab")


@pytest.fixture
def widget(page: Page, pages: HostPages, told_proxy: RunningProxy) -> Widget:
    return Widget(page, pages, told_proxy)


@pytest.fixture
def keys(page: Page) -> Keys:
    return Keys(page)


def test_from_the_page_through_a_chat_and_back(
    widget: Widget, keys: Keys, upstream: ToldUpstream
) -> None:
    widget.visit(body=BODY)
    keys.go("Ask about this page")
    keys.press("Enter")
    expect(widget.question).to_be_focused()

    # What will be sent: left out, taken in again, and read.
    expect(widget.chip("Page text")).to_be_visible()
    keys.back("Leave out: Title")
    keys.press("Space")
    keys.stands_at("Send again: Title")
    keys.press("Space")
    keys.stands_at("Leave out: Title")
    keys.back("Show what is sent: Title")
    keys.press("Enter")
    exact = widget.panel.get_by_role("region", name="Title")
    expect(exact).to_be_visible()
    keys.stands_at("Show what is sent: Title")
    keys.go("Title")
    keys.press("Escape")
    expect(exact).to_have_count(0)
    keys.stands_at("Show what is sent: Title")

    # Asked, stopped, asked again, and something made of the answer.
    keys.go("Your question")
    keys.write("Why did it go out?")
    keys.press("Enter")
    keys.stands_at("Your question")
    upstream.say("The wind ")
    expect(widget.answers).to_have_text("The wind")
    keys.go("Stop")
    keys.press("Enter")
    expect(widget.panel).to_contain_text("You stopped this answer.")
    keys.stands_at("Send")
    upstream.wait_until_left()
    keys.back("Ask again")
    upstream.say("It was the [wind](https://example.com/).")
    upstream.finish()
    keys.press("Enter")
    expect(widget.button("Good answer")).to_be_visible()
    assert keys.at
    keys.back("Your chats")
    keys.go("Conversation")
    keys.go("Copy")
    keys.press("Enter")
    keys.stands_at("Copied")
    keys.go("Good answer")
    keys.press("Space")
    expect(widget.button("Good answer")).to_have_attribute("aria-pressed", "true")
    keys.back("Edit and ask again")
    keys.press("Enter")
    expect(widget.question).to_have_value("Why did it go out?")
    keys.stands_at("Your question")
    keys.press("Escape")
    expect(widget.question).to_have_value("")
    keys.stands_at("Your question")

    keys.press("Escape")
    expect(widget.panel).to_be_hidden()
    keys.stands_at("Ask about this page")


def test_through_the_list_of_chats(widget: Widget, keys: Keys, upstream: ToldUpstream) -> None:
    widget.visit(body=BODY)
    widget.page.evaluate("Asklight('open')")
    for number, question in enumerate(("Where did the lamp stand?", "Who locked the door?")):
        if number:
            keys.back("New chat")
            keys.press("Enter")
            expect(widget.panel.locator(".bubble")).to_have_count(0)
            keys.stands_at("Your question")
        answer(widget, upstream, "Because of the wind.", question)
    keys.back("Your chats")
    keys.press("Enter")
    rows = widget.panel.locator(".chat-open")
    expect(rows).to_have_count(2)
    keys.stands_at("Your chats")
    keys.go("Search your chats")
    keys.write("lamp")
    expect(rows).to_have_count(1)
    keys.go("Close the chat")
    keys.press("Enter")
    expect(rows).to_contain_text("Closed")
    keys.stands_at("Where did the lamp stand?")
    keys.back("Search your chats")
    keys.press("Control+a", "Delete")
    expect(rows).to_have_count(2)
    keys.go("Delete the chat “Where did the lamp stand?”")
    keys.press("Enter")
    keys.stands_at("Keep")
    keys.press("Escape")
    keys.stands_at("Delete the chat “Where did the lamp stand?”")
    keys.press("Enter")
    keys.stands_at("Keep")
    keys.back("Delete")
    keys.press("Enter")
    assert keys.at
    expect(rows).to_have_count(1)
    # On the next chat, or where there is none on the title.
    if keys.at == "Your chats":
        keys.go("Who locked the door?")
    keys.stands_at("Who locked the door?")
    keys.press("Enter")
    expect(widget.panel.locator(".bubble")).to_have_text("Who locked the door?")
    keys.stands_at("Your question")
    keys.back("Your chats")
    keys.press("Enter")
    expect(rows).to_have_count(1)
    keys.go("Search your chats")
    keys.press("Escape")
    expect(widget.panel.get_by_role("searchbox")).to_have_count(0)
    keys.stands_at("Your chats")


def test_from_a_selection_and_from_a_button_of_the_pages_own(widget: Widget, keys: Keys) -> None:
    page = widget.page
    page.emulate_media(reduced_motion="reduce")
    widget.visit(body=BODY, attributes='data-launcher="off"')
    page.evaluate("document.querySelector('#help').onclick = () => Asklight('open')")
    keys.go("Help")
    keys.press("Enter")
    expect(widget.question).to_be_focused()
    keys.press("Escape")
    expect(widget.panel).to_be_hidden()
    keys.stands_at("Help")
    keys.press("Shift")
    page.evaluate(SELECT, "#second")
    expect(widget.button("Explain")).to_be_visible()
    keys.press("Alt+Shift+A")
    keys.stands_at("Ask about this")
    keys.go("Summarise")
    keys.back("Ask about this")
    keys.press("Enter")
    expect(widget.panel.locator(".chip.selection")).to_be_visible()
    expect(widget.question).to_be_focused()
    keys.stands_at("Your question")
    keys.press("Escape")
    expect(widget.panel).to_be_hidden()
    keys.stands_at("Help")


OUTLINE = """(panel) => ({
  headings: [...panel.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((each) => Number(each.localName[1])),
  regions: [...panel.querySelectorAll('section, [role=region], [role=log], [role=group]')]
    .map((each) => each.ariaLabel),
})"""


def test_headings_stand_in_order_and_every_region_has_a_name(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.visit(body=BODY)
    widget.open()
    answer(widget, upstream, "# The wind\n\nIt blew.\n\n## And more\n\nText.")
    for opened in ("chat", "chats"):
        if opened == "chats":
            widget.button("Your chats").click()
            expect(widget.panel.locator(".chat-open")).to_have_count(1)
        outline = widget.panel.evaluate(OUTLINE)
        levels = outline["headings"]
        assert levels[0] == 2
        assert levels.count(2) == 1
        for above, below in pairwise(levels):
            assert below <= above + 1, levels
        assert len(levels) > 2
        assert all(outline["regions"]), outline
    assert re.search(r"\S", widget.panel.get_attribute("aria-label") or "")


def test_a_conversation_that_comes_late_leaves_what_is_done_meanwhile_as_it_is(
    page: Page, widget: Widget, upstream: ToldUpstream
) -> None:
    widget.visit()
    widget.open()
    answer(widget, upstream, "The **keeper** lit it.")
    held: list[Route] = []
    page.route("**/messages", lambda route: held.append(route))
    widget.visit()
    widget.open()
    opened = widget.panel.get_by_role("button", name="Show what is sent: Address")
    opened.press("Enter")
    shown = widget.panel.get_by_role("region", name="Address")
    expect(shown).to_be_visible()
    expect(widget.answers).to_have_count(0)
    page.unroute("**/messages")
    for route in held:
        route.continue_()
    expect(widget.answers).to_have_text("The keeper lit it.")
    expect(shown).to_be_visible()
    expect(opened).to_be_focused()
    widget.ask("And then?")
    expect(shown).to_be_hidden()
