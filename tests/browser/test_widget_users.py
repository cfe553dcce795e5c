"""Users the page vouches for: their chats on every device, and nothing of one on another's screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from support.servers import HostPages, RunningProxy, running_proxy
from support.vouching import VOUCHING, user_token
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


def signed_in(user: str) -> str:
    """What a page calls for `user`, once in its head or at any time later."""
    token = user_token(user)
    return f"""(() => {{
      window.Asklight ||= function () {{ (Asklight._q ||= []).push(arguments) }};
      window.tokens ??= 0;
      Asklight('identify', {{ token: async () => {{ tokens++; return '{token}' }} }});
    }})()"""


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
        "This page could not confirm who you are. Your question is kept. Try again."
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
