"""The list of the visitor's chats: to find one, go on with it, close it, delete it, or delete them all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from support.servers import HostPages, RunningProxy, running_proxy
from support.told import ToldUpstream
from support.widget import HOST, Widget


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the embedded assistant keeps its conversations."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def own_proxy(data_dir: Path, pages: HostPages) -> Iterator[RunningProxy]:
    """A proxy with the embedded assistant behind it."""
    with running_proxy(data_dir, {"ASKLIGHT_ORIGINS": pages.at(HOST, "")}) as running:
        yield running


class Chats:
    """The list in a widget's panel."""

    def __init__(self, widget: Widget) -> None:
        self.widget = widget

    @property
    def region(self) -> Locator:
        return self.widget.panel.get_by_role("region", name="Your chats")

    @property
    def rows(self) -> Locator:
        return self.region.locator(".chat-open")

    @property
    def names(self) -> Locator:
        return self.region.locator(".chat-open .chat-name")

    @property
    def search(self) -> Locator:
        return self.region.get_by_label("Search your chats")

    def show(self) -> None:
        self.widget.button("Your chats").click()
        expect(self.region.get_by_role("heading")).to_be_focused()

    def row(self, name: str) -> Locator:
        return self.rows.filter(has_text=name)


@pytest.fixture
def widget(page: Page, pages: HostPages, own_proxy: RunningProxy) -> Widget:
    found = Widget(page, pages, own_proxy)
    found.visit()
    found.open()
    return found


@pytest.fixture
def chats(widget: Widget) -> Chats:
    return Chats(widget)


def answered(widget: Widget, question: str) -> None:
    """Asks, and waits for the end of the answer."""
    widget.ask(question)
    expect(widget.panel.locator(".bubble").last).to_have_text(question)
    expect(widget.button("Good answer").last).to_be_visible()
    expect(widget.button("Send")).to_be_visible()


def begin(widget: Widget, *questions: str) -> None:
    """The visitor began a chat with each question, as on another page."""
    widget.page.evaluate(
        """async ([proxy, questions]) => {
             const call = async (path, body) => {
               const response = await fetch(`${proxy}/v2/${path}`, {
                 method: "POST", credentials: "include", body: JSON.stringify(body),
                 headers: { "Content-Type": "application/json" },
               });
               return response.json();
             };
             await call("identity/init", { apiKey: "demo", transport: "cookie" });
             for (const content of questions) {
               const { id } = await call("conversations", {});
               await call(`conversations/${id}/messages`, { content });
             }
           }""",
        [widget.proxy_address, questions],
    )


def two_chats(widget: Widget) -> None:
    """One about the lamp, and then one about the keeper, which is shown."""
    begin(widget, "Where did the lamp stand?")
    answered(widget, "Who climbed the stairs?")


def kept_words(data_dir: Path) -> bytes:
    """Everything the server's files hold."""
    return b"".join(path.read_bytes() for path in data_dir.rglob("*") if path.is_file())


def test_the_chats_stand_by_their_titles_and_one_can_be_gone_on_with(
    widget: Widget, chats: Chats
) -> None:
    two_chats(widget)
    chats.show()
    expect(chats.names).to_have_text(["Who climbed the stairs?", "Where did the lamp stand?"])
    expect(chats.row("Who climbed")).to_have_attribute("aria-current", "true")
    expect(chats.row("Where did")).not_to_have_attribute("aria-current", "true")
    chats.row("Where did").click()
    expect(chats.region).to_have_count(0)
    expect(widget.question).to_be_focused()
    expect(widget.panel.locator(".bubble")).to_have_text("Where did the lamp stand?")
    answered(widget, "And what was it?")
    expect(widget.panel.locator(".bubble")).to_have_count(2)
    widget.page.reload()
    widget.open()
    expect(widget.panel.locator(".bubble")).to_have_count(2)
    chats.show()
    expect(chats.rows.first).to_contain_text("Where did the lamp stand?")
    expect(chats.rows).to_have_count(2)


def test_what_was_typed_and_where_one_read_are_still_there_after_a_look_at_the_list(
    widget: Widget, chats: Chats
) -> None:
    for number in range(2):
        answered(widget, f"What did the keeper do on evening {number}?")
    widget.page.set_viewport_size({"width": 800, "height": 460})
    widget.question.fill("Half a thought")
    log = widget.panel.get_by_role("log")
    log.evaluate("(log) => log.scrollTo(0, 40)")
    expect(widget.panel.locator(".to-end")).to_be_visible()
    chats.show()
    expect(widget.question).to_be_hidden()
    expect(widget.panel.locator(".bubble").first).to_be_hidden()
    widget.page.keyboard.press("Escape")
    expect(widget.button("Your chats")).to_be_focused()
    expect(widget.question).to_have_value("Half a thought")
    assert log.evaluate("(log) => log.scrollTop") == 40
    expect(widget.panel).to_be_visible()


def test_a_search_finds_chats_by_their_words_however_they_are_written_and_says_how_many(
    widget: Widget, chats: Chats
) -> None:
    begin(widget, "Où est la lampe, à gauche ?", *(f"Number {number}" for number in range(1, 25)))
    chats.show()
    expect(chats.rows).to_have_count(20)
    widget.button("Show more").click()
    expect(chats.rows).to_have_count(25)
    expect(chats.rows.nth(20)).to_be_focused()
    widget.page.keyboard.press("Escape")
    chats.show()
    chats.search.fill("OU lampe A")
    expect(chats.names).to_have_text(["Où est la lampe, à gauche ?"])
    expect(chats.region.get_by_role("status")).to_have_text("1 chat found")
    chats.search.fill("number 24")
    expect(chats.names).to_have_text(["Number 24"])
    chats.search.fill("lighthouse")
    expect(chats.region).to_contain_text("No chat has these words.")


def test_a_closed_chat_stays_to_be_read_and_the_next_question_begins_another(
    widget: Widget, chats: Chats
) -> None:
    two_chats(widget)
    chats.show()
    widget.button("Close the chat “Who climbed the stairs?”").click()
    row = chats.row("Who climbed")
    expect(row).to_contain_text("Closed")
    expect(row).to_be_focused()
    expect(widget.button("Close the chat “Who climbed the stairs?”")).to_have_count(0)
    row.click()
    expect(widget.panel.locator(".bubble")).to_have_text("Who climbed the stairs?")
    expect(widget.panel).to_contain_text("This chat is closed. You can read it")
    answered(widget, "And then?")
    chats.show()
    expect(chats.rows).to_have_count(3)


def test_a_chat_is_deleted_after_a_question_and_nothing_of_it_is_kept_anywhere(
    widget: Widget, chats: Chats, data_dir: Path
) -> None:
    begin(widget, "Where did the lamp stand?")
    answered(widget, "Is zanzibarium erased?")
    assert b"zanzibarium" in kept_words(data_dir)
    chats.show()
    delete = widget.button("Delete the chat “Is zanzibarium erased?”")
    delete.click()
    sure = chats.region.get_by_role("alertdialog")
    expect(sure).to_contain_text("Delete this chat? What was said is erased for good.")
    expect(widget.button("Keep")).to_be_focused()
    widget.page.keyboard.press("Escape")
    expect(delete).to_be_focused()
    expect(chats.rows).to_have_count(2)
    delete.click()
    sure.get_by_role("button", name="Delete").click()
    expect(chats.names).to_have_text(["Where did the lamp stand?"])
    expect(chats.row("Where did")).to_be_focused()
    expect(chats.region.get_by_role("status")).to_have_text("The chat is deleted.")
    assert b"zanzibarium" not in kept_words(data_dir)
    chats.row("Where did").press("Escape")
    expect(widget.panel.locator(".bubble")).to_have_count(0)


def test_everything_of_mine_is_deleted_at_once_in_every_tab(
    context: BrowserContext,
    pages: HostPages,
    own_proxy: RunningProxy,
    widget: Widget,
    chats: Chats,
    data_dir: Path,
) -> None:
    begin(widget, "Is xylophonium erased?")
    answered(widget, "Who climbed the stairs?")
    widget.question.fill("Half a thought")
    other = Widget(context.new_page(), pages, own_proxy)
    other.page.goto(pages.at(HOST))
    other.open()
    expect(other.panel.locator(".bubble")).to_have_count(1)
    chats.show()
    widget.button("Delete everything of mine").click()
    sure = chats.region.get_by_role("alertdialog")
    expect(sure).to_contain_text("Delete every chat you had here?")
    expect(widget.button("Keep")).to_be_focused()
    sure.get_by_role("button", name="Delete everything of mine").click()
    expect(chats.region).to_contain_text("You have no chats here yet.")
    expect(chats.region.get_by_role("status")).to_have_text("All your chats are deleted.")
    expect(chats.region.get_by_role("heading")).to_be_focused()
    expect(widget.button("Delete everything of mine")).to_have_count(0)
    for tab in (widget, other):
        expect(tab.panel.locator(".bubble")).to_have_count(0)
    assert b"xylophonium" not in kept_words(data_dir)
    assert widget.page.evaluate("Object.keys(localStorage)") == []
    widget.page.reload()
    widget.open()
    expect(widget.panel.locator(".bubble")).to_have_count(0)


def test_all_of_it_by_keyboard_alone(widget: Widget, chats: Chats) -> None:
    two_chats(widget)
    keyboard = widget.page.keyboard
    widget.button("Your chats").focus()
    keyboard.press("Enter")
    expect(chats.region.get_by_role("heading")).to_be_focused()
    expect(chats.rows).to_have_count(2)
    keyboard.press("Tab")
    expect(chats.search).to_be_focused()
    keyboard.press("ArrowDown")
    expect(chats.rows.nth(0)).to_be_focused()
    keyboard.press("ArrowDown")
    expect(chats.rows.nth(1)).to_be_focused()
    keyboard.press("ArrowDown")
    expect(chats.rows.nth(1)).to_be_focused()
    keyboard.press("ArrowUp")
    keyboard.press("Tab")
    expect(widget.button("Close the chat “Who climbed the stairs?”")).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(widget.button("Keep")).to_be_focused()
    keyboard.press("Shift+Tab")
    keyboard.press("Enter")
    expect(chats.names).to_have_text(["Where did the lamp stand?"])
    expect(chats.rows.nth(0)).to_be_focused()
    keyboard.press("Enter")
    expect(widget.question).to_be_focused()
    expect(widget.panel.locator(".bubble")).to_have_text("Where did the lamp stand?")


def test_an_empty_list_says_so_and_begins_no_session(
    context: BrowserContext, widget: Widget, chats: Chats
) -> None:
    chats.show()
    expect(chats.region).to_contain_text("You have no chats here yet.")
    expect(widget.button("Delete everything of mine")).to_have_count(0)
    assert context.cookies() == []
    assert widget.page.evaluate("localStorage.length") == 0


def test_a_list_that_cannot_be_loaded_says_so_and_is_loaded_when_it_can_be(
    widget: Widget, chats: Chats
) -> None:
    begin(widget, "Where did the lamp stand?")
    widget.page.route("**/v2/conversations?*", lambda route: route.abort("connectionreset"))
    chats.show()
    expect(chats.region.get_by_role("alert")).to_have_text(
        "Your chats could not be loaded. They are kept. Try again."
    )
    widget.page.unroute("**/v2/conversations?*")
    chats.region.get_by_role("button", name="Try again").click()
    expect(chats.rows).to_have_count(1)


def test_what_draws_the_list_may_not_come_and_then_there_is_a_way_on(widget: Widget) -> None:
    widget.page.route("**/assets/chats-*", lambda route: route.abort("connectionreset"))
    widget.button("Your chats").click()
    expect(widget.panel).to_contain_text("Your chats could not be loaded.")
    widget.page.unroute("**/assets/chats-*")
    widget.button("Try again").click()
    expect(widget.panel.get_by_role("region", name="Your chats")).to_be_visible()


def test_a_chat_that_could_not_be_deleted_is_still_there_and_that_is_said(
    widget: Widget, chats: Chats
) -> None:
    begin(widget, "Where did the lamp stand?", "Who climbed the stairs?")
    widget.page.route(
        re.compile(r"/v2/conversations/[^/]+$"),
        lambda route: (
            route.abort("connectionreset")
            if route.request.method == "DELETE"
            else route.continue_()
        ),
    )
    chats.show()
    widget.button("Delete the chat “Where did the lamp stand?”").click()
    chats.region.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    expect(chats.region.get_by_role("alert")).to_contain_text("is still there. Try again.")
    expect(widget.button("Delete the chat “Where did the lamp stand?”")).to_be_focused()
    expect(chats.rows).to_have_count(2)


def test_where_the_service_keeps_its_copy_nobody_is_promised_more(
    page: Page, pages: HostPages, told_proxy: RunningProxy, upstream: ToldUpstream
) -> None:
    widget = Widget(page, pages, told_proxy)
    widget.visit()
    widget.open()
    upstream.say("Yes.")
    upstream.finish()
    widget.ask("Kept?")
    expect(widget.button("Good answer")).to_be_visible()
    chats = Chats(widget)
    chats.show()
    chats.region.locator(".delete").click()
    sure = chats.region.get_by_role("alertdialog")
    expect(sure).to_contain_text("keeps its copy, which cannot be deleted from here.")
    sure.get_by_role("button", name="Delete").click()
    expect(chats.region).to_contain_text("You have no chats here yet.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_the_list_in_any_of_its_states(
    widget: Widget, chats: Chats, axe_source: str, scheme: str
) -> None:
    widget.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    chats.show()
    expect(chats.region).to_contain_text("You have no chats here yet.")
    states = [widget.axe(axe_source)]
    widget.page.keyboard.press("Escape")
    begin(widget, "Where did the lamp stand?", "Who climbed the stairs?")
    chats.show()
    expect(chats.rows).to_have_count(2)
    states.append(widget.axe(axe_source))
    chats.region.locator(".delete").first.click()
    expect(widget.button("Keep")).to_be_focused()
    states.append(widget.axe(axe_source))
    for faults, passes in states:
        assert faults == []
        assert passes > 10


def test_on_a_phone_nothing_of_the_list_is_out_of_sight_or_too_small_to_touch(
    widget: Widget, chats: Chats
) -> None:
    widget.page.set_viewport_size({"width": 390, "height": 720})
    begin(widget, "Where " + "did the lamp stand " * 8 + "?")
    chats.show()
    expect(chats.rows).to_have_count(1)
    sizes = chats.region.evaluate(
        """(list) => [...list.querySelectorAll("button, input")].map((each) => {
             const { width, height, left, right } = each.getBoundingClientRect();
             return [width >= 44 && height >= 44, left >= 0 && right <= innerWidth];
           })"""
    )
    assert len(sizes) == 6
    assert all(is_large and is_in_sight for is_large, is_in_sight in sizes)
