"""Users the page vouches for: their chats on every device, and nothing of one on another's screen."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from support.servers import HostPages, RunningProxy, running_proxy
from support.vouching import VOUCHING, signed_in, user_token
from support.widget import HOST, Widget

KEPT = """() => [...Object.entries(localStorage), ...Object.entries(sessionStorage)]
  .filter(([name]) => name.includes(':user:'))"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, pages: HostPages) -> Iterator[RunningProxy]:
    """The proxy of a site that vouches for its users."""
    origins = {"ASKLIGHT_ORIGINS": pages.at(HOST, "")}
    with running_proxy(tmp_path_factory.mktemp("data"), {**VOUCHING, **origins}) as running:
        yield running


@pytest.fixture
def widget(page: Page, pages: HostPages, site: RunningProxy) -> Widget:
    return Widget(page, pages, site)


def visit_as(widget: Widget, user: str) -> None:
    widget.visit(head=f"<script>{signed_in(user)}</script>")
    widget.open()


def chats(widget: Widget) -> None:
    """Opens the list of chats."""
    widget.panel.get_by_role("button", name="Your chats").click()


def asked(widget: Widget, question: str) -> None:
    widget.ask(question)
    expect(widget.panel.locator(".bubble").last).to_have_text(question)
    expect(widget.button("Good answer").last).to_be_visible()


def device(browser: Browser, pages: HostPages, site: RunningProxy) -> tuple[BrowserContext, Widget]:
    context = browser.new_context()
    context.set_default_timeout(10_000)
    return context, Widget(context.new_page(), pages, site)


def test_a_user_has_their_chats_on_another_device_and_another_user_has_not(
    widget: Widget, browser: Browser, pages: HostPages, site: RunningProxy
) -> None:
    visit_as(widget, "alice-1")
    asked(widget, "Who lit the lamp?")
    for user, count in (("alice-1", 1), ("bob-1", 0)):
        context, other = device(browser, pages, site)
        visit_as(other, user)
        chats(other)
        if not count:
            expect(other.panel.get_by_text("You have no chats here yet.")).to_be_visible()
        expect(other.panel.locator(".chat-open")).to_have_count(count)
        expect(other.panel).to_contain_text("You are signed in on this site.")
        other.page.evaluate("Asklight('identify', null)")
        expect(other.question).to_be_visible()
        chats(other)
        expect(other.panel.get_by_text("You have no chats here yet.")).to_be_visible()
        expect(other.panel).not_to_contain_text("signed in")
        context.close()


def test_a_reload_brings_back_what_the_user_asked_once_the_page_vouches_again(
    widget: Widget,
) -> None:
    visit_as(widget, "alice-2")
    asked(widget, "Who lit the lamp?")
    widget.page.reload()
    widget.open()
    expect(widget.panel.locator(".bubble")).to_have_text("Who lit the lamp?")
    widget.visit()
    widget.open()
    expect(widget.panel.locator(".empty")).to_be_visible()
    expect(widget.panel.locator(".bubble")).to_have_count(0)
    chats(widget)
    expect(widget.panel.get_by_text("You have no chats here yet.")).to_be_visible()


def test_signing_out_leaves_nothing_of_the_user_in_any_tab(
    widget: Widget, context: BrowserContext, pages: HostPages, site: RunningProxy
) -> None:
    visit_as(widget, "alice-3")
    asked(widget, "Who lit the lamp?")
    widget.question.fill("Half a thought")
    other = Widget(context.new_page(), pages, site)
    visit_as(other, "alice-3")
    expect(other.panel.locator(".bubble")).to_have_text("Who lit the lamp?")
    widget.page.evaluate("Asklight('identify', null)")
    for each in (widget, other):
        expect(each.panel).to_be_visible()
        expect(each.panel.locator(".bubble")).to_have_count(0)
        expect(each.question).to_have_value("")
    widget.page.wait_for_function(f"({KEPT})().length === 0")
    chats(widget)
    expect(widget.panel.get_by_text("You have no chats here yet.")).to_be_visible()


def test_a_tab_whose_page_says_nothing_of_a_user_goes_on_as_nobodys(
    widget: Widget, context: BrowserContext, pages: HostPages, site: RunningProxy
) -> None:
    """Signing in elsewhere changes nothing in it; its page does, when it says who it is."""
    widget.visit()
    widget.open()
    asked(widget, "Who lit the lamp?")
    widget.question.fill("Half a thought")
    other = Widget(context.new_page(), pages, site)
    visit_as(other, "alice-7")
    expect(other.panel.locator(".bubble")).to_have_count(0)
    asked(other, "Why did it go out?")
    chats(widget)
    expect(widget.panel.locator(".chat-open")).to_have_text(re.compile("Who lit the lamp"))
    widget.panel.get_by_role("button", name="Back to the chat").click()
    asked(widget, "Who had the key?")
    expect(other.panel.locator(".bubble")).to_have_text("Why did it go out?")
    expect(widget.panel.locator(".bubble")).to_have_text(["Who lit the lamp?", "Who had the key?"])
    widget.page.evaluate(signed_in("alice-7"))
    expect(widget.panel.locator(".bubble")).to_have_text(["Why did it go out?"])


def test_who_is_writing_while_the_page_says_who_it_is_writes_on(widget: Widget) -> None:
    widget.visit()
    widget.open()
    page = widget.page
    for said in (signed_in("alice-8"), signed_in("bob-8"), "Asklight('identify', null)"):
        expect(widget.question).to_be_focused()
        page.keyboard.type("Who")
        before = widget.question.element_handle()
        page.evaluate(said)
        page.wait_for_function("(field) => !field.isConnected", arg=before)
    expect(widget.question).to_be_focused()
    page.locator("h1").click()
    page.evaluate(signed_in("alice-8"))
    page.wait_for_function("tokens >= 3")
    widget.question.wait_for()
    assert page.evaluate("document.activeElement.localName") == "body"


@pytest.mark.parametrize("attributes", ["", "data-frame"], ids=["bare", "in a frame"])
def test_an_element_of_the_pages_own_is_told_who_the_user_is(
    page: Page, pages: HostPages, site: RunningProxy, attributes: str
) -> None:
    widget = Widget(page, pages, site)
    widget.visit_element(attributes)
    place = page.frame_locator("asklight-widget iframe") if attributes else page
    question = place.get_by_label("Your question")
    bubbles = place.locator(".bubble")

    def becomes(user: str | None) -> None:
        given = "null" if user is None else f"{{ token: async () => '{user_token(user)}' }}"
        page.evaluate(f"document.querySelector('asklight-widget').user = {given}")

    def ask(text: str) -> None:
        question.fill(text)
        question.press("Enter")
        expect(bubbles.last).to_have_text(text)
        expect(place.get_by_role("button", name="Good answer").last).to_be_visible()

    def has_asked(text: str) -> None:
        place.get_by_role("button", name="Your chats").click()
        expect(place.locator(".chat-open")).to_have_text([re.compile(re.escape(text))])

    ask("Who lit the lamp?")
    user = f"alice-9{attributes}"
    becomes(user)
    expect(bubbles).to_have_count(0)
    ask("Why did it go out?")
    becomes(None)
    expect(bubbles.get_by_text("Why did it go out?")).to_have_count(0)
    has_asked("Who lit the lamp?")
    becomes(user)
    expect(place.locator(".chat-open")).to_have_count(0)
    has_asked("Why did it go out?")
    with page.expect_console_message(lambda said: "user needs" in said.text):
        page.evaluate("document.querySelector('asklight-widget').user = {}")


def test_who_signs_in_with_the_panel_open_goes_on_with_what_they_typed(widget: Widget) -> None:
    widget.visit()
    widget.open()
    asked(widget, "Who lit the lamp?")
    widget.question.fill("Half a thought")
    widget.page.evaluate(signed_in("alice-4"))
    expect(widget.panel.locator(".bubble")).to_have_count(0)
    expect(widget.question).to_have_value("Half a thought")
    asked(widget, "Why did it go out?")
    widget.page.evaluate(signed_in("alice-4"))
    widget.page.wait_for_function("tokens >= 2")
    expect(widget.panel.locator(".bubble")).to_have_text("Why did it go out?")
    widget.page.evaluate(signed_in("bob-4"))
    expect(widget.panel.locator(".bubble")).to_have_count(0)
    widget.page.evaluate("Asklight('identify', null)")
    chats(widget)
    expect(widget.panel.locator(".chat-open")).to_have_count(1)
    expect(widget.panel.locator(".chat-open")).to_contain_text("Who lit the lamp?")


def test_a_page_that_cannot_vouch_keeps_the_question(widget: Widget) -> None:
    widget.visit()
    widget.page.evaluate(
        f"""Asklight('identify', {{ token: () => {{
          if (!window.mayVouch) throw new Error('no network');
          return '{user_token("alice-5")}';
        }} }})"""
    )
    widget.open()
    widget.ask("Who lit the lamp?")
    expect(widget.panel.get_by_role("alert")).to_have_text(
        "This page could not confirm who you are. Your question is kept."
        " Try again, or copy it and reload the page."
    )
    widget.page.evaluate("window.mayVouch = true")
    widget.button("Try again").click()
    expect(widget.button("Good answer")).to_be_visible()


def test_a_session_that_ended_is_made_anew_and_the_question_is_answered(widget: Widget) -> None:
    visit_as(widget, "alice-6")
    asked(widget, "Who lit the lamp?")
    before = widget.page.evaluate("tokens")
    answered: list[object] = []

    def end_once(route: object) -> None:
        if answered:
            route.fallback()  # type: ignore[attr-defined]
        else:
            answered.append(route)
            route.fulfill(  # type: ignore[attr-defined]
                status=401,
                json={"error": {"message": "over", "code": "UNAUTHORIZED"}},
                headers={"Access-Control-Allow-Origin": "*"},
            )

    widget.page.route("**/messages", end_once)
    asked(widget, "Why did it go out?")
    assert widget.page.evaluate("tokens") == before + 1
    expect(widget.panel.locator(".bubble")).to_have_count(2)


@pytest.mark.parametrize("given", ["undefined", "{}", "{ token: 7 }", "'alice'", "{ token: '' }"])
def test_what_is_no_user_is_told_in_the_console(widget: Widget, given: str) -> None:
    widget.visit()
    with widget.page.expect_console_message(lambda said: "identify" in said.text):
        widget.page.evaluate(f"Asklight('identify', {given})")
