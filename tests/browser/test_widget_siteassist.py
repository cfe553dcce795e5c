"""A page made for SiteAssist's own script, with nothing changed on it but the script's address."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from support.servers import HostPages, RunningProxy, running_proxy
from support.widget import ARTICLE, HOST, PROXY_HOST, Widget

KEY = "pk_Lamp7Keeper9Pier1961"
"""As SiteAssist makes them; the page has it in its `init` call."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, pages: HostPages) -> Iterator[RunningProxy]:
    """The proxy, told which key the page sends."""
    environment = {"ASKLIGHT_ORIGINS": pages.at(HOST, ""), "ASKLIGHT_PAGE_KEY": KEY}
    with running_proxy(tmp_path_factory.mktemp("data"), environment) as running:
        yield running


def visit(page: Page, pages: HostPages, site: RunningProxy, calls: str) -> Widget:
    """A page with the stub of SiteAssist's that puts its script into the head, and with `calls`."""
    stub = (
        "(function (name, address) { const stub = (window[name] = function () { stub._q.push(arguments) });"
        "stub._q = []; const script = document.createElement('script'); script.async = true;"
        "script.src = address; document.head.append(script) })"
        f"('SiteAssist', '{site.at(PROXY_HOST)}/embed.js');"
    )
    pages.put(
        "/siteassist",
        '<!doctype html><html lang="en"><title>The lamp</title>'
        f"<main><h1>The lamp</h1>{ARTICLE}</main><script>{stub}</script><script>{calls}</script>",
    )
    page.goto(pages.at(HOST, "/siteassist"))
    return Widget(page, pages, site)


def test_its_calls_work_as_they_are(page: Page, pages: HostPages, site: RunningProxy) -> None:
    widget = visit(
        page,
        pages,
        site,
        f'SiteAssist("init", {{ apiKey: "{KEY}", theme: "dark", type: "floating-bubble" }}); SiteAssist("open");',
    )
    widget.ask("Who lit the lamp?")
    expect(widget.answers).to_contain_text("Every evening the keeper climbed the stairs")
    expect(widget.panel).to_have_attribute("data-theme", "dark")
    page.evaluate("SiteAssist('changeTheme', 'light')")
    expect(widget.panel).to_have_attribute("data-theme", "light")
    page.evaluate("SiteAssist('close')")
    expect(widget.panel).to_be_hidden()
    page.evaluate("SiteAssist('toggle')")
    expect(widget.panel).to_be_visible()


def test_its_side_panel_moves_the_container_it_names(
    page: Page, pages: HostPages, site: RunningProxy
) -> None:
    visit(
        page,
        pages,
        site,
        f'SiteAssist("toggle"); SiteAssist("init", {{ apiKey: "{KEY}", type: "sidepanel", appContainerSelector: "main" }});',
    )
    expect(page.get_by_role("complementary")).to_be_visible()
    margin = "getComputedStyle(document.querySelector('main')).marginRight"
    assert page.evaluate(margin) == "400px"


def test_what_only_their_script_had_is_told_and_passed_over(
    page: Page, pages: HostPages, site: RunningProxy
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(f"thrown: {error}"))
    widget = visit(
        page,
        pages,
        site,
        'SiteAssist("init"); SiteAssist("track", "visit");'
        f'SiteAssist("init", {{ apiKey: "{KEY}", apiUrl: "https://elsewhere.example", appUserId: "7" }});',
    )
    expect(widget.launcher).to_be_visible()
    page.wait_for_function("!SiteAssist._q")
    assert not [line for line in said if line.startswith("thrown")]
    assert any('SiteAssist("init", …) needs { apiKey }' in line for line in said)
    assert any("appUserId means nothing here" in line for line in said)
    assert any('SiteAssist("track") means nothing here' in line for line in said)
    assert not any("apiUrl" in line for line in said)


def test_beside_a_script_of_theirs_the_tag_with_a_site_is_its_own(
    page: Page, pages: HostPages, site: RunningProxy
) -> None:
    widget = Widget(page, pages, site)
    widget.visit(head="<script>window.SiteAssist = () => { window.theirs = true }</script>")
    widget.open()
    page.evaluate("SiteAssist('open')")
    assert page.evaluate("theirs") is True
