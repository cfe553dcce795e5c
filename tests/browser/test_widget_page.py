"""The widget as a guest on somebody's page: what it asks of the browser, and what it leaves alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Page, Playwright, Request, Route, expect

from browser.conftest import launch_options
from support.servers import HostPages, RunningProxy, running_proxy
from support.widget import HOST, PANEL, PROXY_HOST, Widget

COOKIES = {
    "third-party allowed": {"cookie_controls_mode": 0},
    "third-party blocked": {"cookie_controls_mode": 1, "block_third_party_cookies": True},
}
"""What a person chooses under "Third-party cookies"."""

NO_COOKIES = {"default_content_setting_values": {"cookies": 2}}
"""All cookies refused, and storage with them."""


@pytest.fixture
def widget(page: Page, pages: HostPages, site: RunningProxy) -> Widget:
    return Widget(page, pages, site)


@contextmanager
def profile(playwright: Playwright, folder: Path, settings: dict[str, Any]) -> Iterator[Page]:
    """A tab in a browser whose person has chosen these settings."""
    preferences = folder / "Default" / "Preferences"
    preferences.parent.mkdir(parents=True)
    preferences.write_text(json.dumps({"profile": settings}), "utf-8")
    context = playwright.chromium.launch_persistent_context(folder, **launch_options())  # type: ignore[arg-type]  # a plain dict
    context.set_default_timeout(10_000)
    try:
        yield context.new_page()
    finally:
        context.close()


def ask_and_reload(widget: Widget) -> None:
    """Opens the panel, gets an answer that quotes the page, and reloads the page once it is whole."""
    widget.open()
    widget.ask("Who lit the lamp?")
    expect(widget.button("Good answer")).to_be_visible()
    expect(widget.answers).to_contain_text("Every evening the keeper climbed the stairs")
    widget.page.reload()
    widget.open()


@pytest.mark.parametrize("settings", COOKIES.values(), ids=COOKIES)
def test_it_answers_and_remembers_whatever_becomes_of_third_party_cookies(
    playwright: Playwright,
    tmp_path: Path,
    pages: HostPages,
    site: RunningProxy,
    settings: dict[str, Any],
) -> None:
    with profile(playwright, tmp_path / "profile", settings) as page:
        widget = Widget(page, pages, site)
        widget.visit()
        ask_and_reload(widget)
        expect(widget.panel.locator(".bubble")).to_have_text("Who lit the lamp?")
        expect(widget.answers).to_contain_text("Every evening the keeper climbed the stairs")
        cookies = page.context.cookies(site.at(PROXY_HOST))
        assert [cookie["httpOnly"] for cookie in cookies] == [True]


def test_without_any_cookie_it_answers_and_says_that_a_reload_starts_anew(
    playwright: Playwright, tmp_path: Path, pages: HostPages, site: RunningProxy
) -> None:
    with profile(playwright, tmp_path / "profile", NO_COOKIES) as page:
        widget = Widget(page, pages, site)
        widget.visit()
        widget.open()
        notice = widget.panel.get_by_text("the chat ends when the page reloads")
        expect(notice).to_have_count(0)
        widget.ask("Who lit the lamp?")
        expect(widget.answers).to_contain_text("Every evening the keeper climbed the stairs")
        expect(notice).to_be_visible()
        page.reload()
        widget.open()
        expect(widget.answers).to_have_count(0)


def test_before_the_first_question_nothing_is_asked_and_nothing_kept(
    widget: Widget, site: RunningProxy
) -> None:
    requested: list[Request] = []
    widget.page.on("request", lambda request: requested.append(request))
    widget.visit()
    widget.page.wait_for_load_state("networkidle")
    of_proxy = site.at(PROXY_HOST)

    def asked_of_proxy() -> list[str]:
        urls = [request.url for request in requested if request.url.startswith(of_proxy)]
        return [url.removeprefix(of_proxy) for url in urls]

    assert asked_of_proxy() == ["/embed.js", "/look.js?site=demo"]
    widget.open()
    widget.question.fill("Half a question")
    widget.page.wait_for_load_state("networkidle")
    to_api = [path for path in asked_of_proxy() if path.startswith("/v2/")]
    assert to_api == ["/v2/projects/current?apiKey=demo"]
    assert widget.page.context.cookies() == []
    assert widget.page.evaluate("localStorage.length + sessionStorage.length") == 0
    asked = [request for request in requested if "/v2/" in request.url]
    assert ["referer" in request.all_headers() for request in asked] == [False]


def test_it_moves_nothing_on_the_page(widget: Widget) -> None:
    shifts = (
        "new PerformanceObserver((list) => (window.shifts ??= []).push(...list.getEntries().map(({ value }) => value)))"
        ".observe({ type: 'layout-shift', buffered: true })"
    )
    widget.page.add_init_script(shifts)
    widget.visit()
    expect(widget.launcher).to_be_visible()
    two_frames = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
    widget.page.evaluate(two_frames)
    assert widget.page.evaluate("window.shifts ?? []") == []
    widget.page.evaluate("document.querySelector('h1').style.height = '300px'")
    widget.page.wait_for_function("window.shifts?.length === 1")


def test_it_works_under_the_strictest_policy(widget: Widget, site: RunningProxy) -> None:
    proxy = site.at(PROXY_HOST)
    policy = (
        f"default-src 'none'; script-src {proxy}; connect-src {proxy}; style-src 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    widget.page.on("console", note)
    widget.page.on("pageerror", lambda error: complaints.append(str(error)))
    widget.visit(headers={"Content-Security-Policy": policy})
    widget.open()
    box = widget.panel.bounding_box()
    assert box
    assert (box["width"], box["height"]) == pytest.approx((400, 640))
    widget.ask("Who lit the lamp?")
    expect(widget.answers).to_contain_text("Every evening the keeper climbed the stairs")
    expect(widget.button("Good answer")).to_be_visible()
    assert complaints == []


def test_the_pages_own_styles_do_not_reach_it(widget: Widget) -> None:
    style = (
        "<style>* { color: red !important; font-size: 40px !important; all: unset !important }"
        "asklight-widget { display: none !important; opacity: 0 !important }</style>"
    )
    widget.visit(head=style)
    widget.open()
    look = widget.question.evaluate(
        "field => [getComputedStyle(field).color, getComputedStyle(field).fontSize]"
    )
    assert look == ["rgb(29, 27, 22)", "15px"]


def test_closed_it_covers_nothing_but_its_launcher(widget: Widget) -> None:
    widget.visit()
    widget.open()
    widget.button("Close").click()
    expect(widget.launcher).to_be_focused()
    covered = widget.page.evaluate(
        """() => {
          const covered = [];
          for (let x = 5; x < innerWidth; x += 10)
            for (let y = 5; y < innerHeight; y += 10)
              if (document.elementFromPoint(x, y)?.localName === 'asklight-widget') covered.push([x, y]);
          return covered;
        }"""
    )
    box = widget.launcher.bounding_box()
    assert box
    assert covered
    for x, y in covered:
        assert box["x"] - 8 <= x <= box["x"] + box["width"] + 8
        assert box["y"] - 12 <= y <= box["y"] + box["height"] + 8


def test_a_visitor_can_hide_it_on_this_site_and_take_that_back(widget: Widget) -> None:
    widget.visit()
    widget.launcher.hover()
    widget.button("Hide this button on this site").click()
    expect(widget.launcher).to_be_hidden()
    widget.button("Hidden on this site. Undo").click()
    expect(widget.launcher).to_be_visible()
    assert widget.page.evaluate("localStorage.length") == 0
    widget.launcher.hover()
    widget.button("Hide this button on this site").click()
    widget.page.reload()
    widget.page.locator("asklight-widget").wait_for(state="attached")
    expect(widget.launcher).to_be_hidden()
    widget.select("#second")
    expect(widget.button("Ask about this")).to_be_hidden()
    widget.page.evaluate("Asklight('open')")
    expect(widget.question).to_be_visible()


def test_the_page_can_open_close_toggle_and_ask(widget: Widget) -> None:
    stub = "window.Asklight = (...call) => (Asklight._q = Asklight._q || []).push(call); Asklight('ask', 'Why?')"
    widget.visit(head=f"<script>{stub}</script>")
    expect(widget.question).to_have_value("Why?")
    expect(widget.answers).to_have_count(0)
    for command, is_open in (("close", False), ("toggle", True), ("toggle", False), ("open", True)):
        widget.page.evaluate(f"Asklight('{command}')")
        expect(widget.panel).to_be_visible(visible=is_open)
    expect(widget.question).to_have_value("Why?")


def test_the_tags_attributes_are_followed(widget: Widget) -> None:
    widget.visit(
        attributes='data-position="bottom-left" data-color="#123456" data-theme="dark" data-open data-content="#third"'
    )
    expect(widget.question).to_be_visible()
    box = widget.panel.bounding_box()
    assert box
    assert box["x"] == 20
    send = widget.button("Send").evaluate(
        "button => [getComputedStyle(button).backgroundColor, getComputedStyle(button).color]"
    )
    assert send == ["rgb(18, 52, 86)", "rgb(255, 255, 255)"]
    widget.chip("Page text").locator(".chip-open").click()
    expect(widget.panel.locator(".exact-text")).to_have_text(
        "Electric light needs nobody on the stairs, and so the last keeper locked the door in 1961."
    )


def test_a_panel_on_its_way_is_seen_to_come_and_one_that_does_not_is_said_and_tried_again(
    widget: Widget,
) -> None:
    held: list[Route] = []
    page = widget.page
    page.route(PANEL, lambda route: held.append(route))
    widget.visit()
    expect(widget.launcher).to_have_js_property("ariaBusy", None)
    expect(widget.launcher).to_have_css("touch-action", "manipulation")
    widget.launcher.focus()
    page.keyboard.press("Enter")
    expect(widget.launcher).to_have_js_property("ariaBusy", "true")
    mark = widget.launcher.locator("svg")
    expect(mark).not_to_have_css("animation-name", "none")
    page.emulate_media(reduced_motion="reduce")
    expect(mark).to_have_css("animation-name", "none")
    expect(mark).to_have_css("opacity", "0.5")

    said = page.locator("asklight-widget").get_by_role("status")
    again = said.get_by_role("button", name="The assistant did not load. Try again")
    expect(again).to_be_hidden()
    held.pop().abort()
    expect(again).to_be_visible()
    expect(widget.launcher).to_have_js_property("ariaBusy", None)
    expect(widget.launcher).to_be_focused()

    # A browser remembers by its address that a module failed: it is asked for at another.
    with page.expect_request(re.compile(r"/assets/panel-.*\?$")):
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(again).to_be_focused()
        page.keyboard.press("Enter")
    expect(widget.launcher).to_have_js_property("ariaBusy", "true")
    expect(again).to_be_focused()
    held.pop().continue_()
    expect(widget.question).to_be_focused()
    expect(widget.launcher).to_be_hidden()
    page.keyboard.press("Escape")
    expect(widget.launcher).to_be_focused()
    expect(said.first).to_have_text("")


WATCH = """() => {
  window.said = new Set();
  const look = () => {
    const { shadowRoot } = document.querySelector('asklight-widget');
    const hosts = [...shadowRoot.querySelectorAll('div')].flatMap((each) => each.shadowRoot ?? []);
    for (const host of hosts) said.add(host.querySelector('.welcome')?.textContent);
    requestAnimationFrame(look);
  };
  look();
}"""
"""Notes what the empty panel says, frame by frame."""


def test_until_the_page_is_read_nothing_untrue_is_said_of_it(widget: Widget) -> None:
    widget.visit()
    widget.page.evaluate(WATCH)
    widget.open()
    expect(widget.chip("Page text")).to_be_visible()
    widget.page.wait_for_function(
        "[...said].some((each) => each?.startsWith('Ask about this page'))"
    )
    said = widget.page.evaluate("[...said].filter(Boolean)")
    assert said == [
        "Ask about this page. Select a passage first, and only that passage goes along."
    ]


def test_where_there_is_no_launcher_it_is_said_too_that_the_panel_did_not_load(
    widget: Widget,
) -> None:
    widget.page.route(PANEL, lambda route: route.abort())
    widget.visit(attributes='data-launcher="off" data-open')
    widget.page.evaluate("Asklight('open')")
    expect(widget.button("The assistant did not load. Try again")).to_be_visible()


def test_the_tag_twice_is_one_widget(widget: Widget, site: RunningProxy) -> None:
    """The second time without the site that is the default."""
    widget.visit()
    widget.page.add_script_tag(url=f"{site.at(PROXY_HOST)}/embed.js")
    expect(widget.page.locator("asklight-widget")).to_have_count(1)


def test_a_tag_without_a_site_keeps_what_the_visitor_switched_off_under_the_default(
    widget: Widget, site: RunningProxy, pages: HostPages
) -> None:
    pages.put(
        "/bare", f'<!doctype html><p>Text<script src="{site.at(PROXY_HOST)}/embed.js"></script>'
    )
    widget.page.goto(pages.at(HOST, "/bare"))
    widget.page.locator("asklight-widget .corner").hover()
    widget.button("Hide this button on this site").click()
    widget.page.wait_for_function("localStorage.length > 0")
    kept = widget.page.evaluate("Object.keys(localStorage)")
    assert kept == ["asklight:demo:hidden"]


def test_it_can_stand_in_the_head_before_there_is_a_body(
    widget: Widget, site: RunningProxy, pages: HostPages
) -> None:
    source = f"{site.at(PROXY_HOST)}/embed.js"
    pages.put("/head", f'<!doctype html><script src="{source}" data-site="demo"></script><p>Text')
    widget.page.goto(pages.at(HOST, "/head"))
    widget.open()
    expect(widget.chip("Page text")).to_be_visible()


def test_a_page_that_is_not_on_the_list_is_told_so_and_keeps_its_question(
    page: Page, pages: HostPages, tmp_path: Path
) -> None:
    """A browser hides the refusal from the page; a dropped connection would be the wrong thing to say."""
    with running_proxy(tmp_path, {"ASKLIGHT_ORIGINS": "https://elsewhere.example"}) as stranger:
        widget = Widget(page, pages, stranger)
        widget.visit()
        widget.open()
        widget.ask("Who lit the lamp?")
        expect(widget.panel.get_by_role("alert")).to_contain_text("not allowed to ask here")
        expect(widget.panel).to_contain_text("Who lit the lamp?")
