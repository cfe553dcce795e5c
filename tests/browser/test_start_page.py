"""The served pages in a real Chromium: under their own policy, for every reader, at every width."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from support.servers import RunningProxy

WIDTHS = {"desk": 1280, "phone": 390, "smallest": 320}


@pytest.mark.parametrize("path", ["/", "/chat", "/nowhere"])
def test_a_page_keeps_to_its_own_policy_and_its_own_server(
    page: Page, proxy: RunningProxy, path: str
) -> None:
    complaints: list[str] = []
    requested: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requested.append(request.url))
    page.goto(proxy.origin + path, wait_until="networkidle")
    assert [url for url in requested if not url.startswith(f"{proxy.origin}/")] == []
    about_policy = [text for text in complaints if "404 (Not Found)" not in text]
    assert about_policy == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("path", ["/", "/chat", "/nowhere"])
def test_axe_finds_nothing(
    browser: Browser,
    proxy: RunningProxy,
    axe_source: str,
    path: str,
    width: int,
    scheme: Literal["light", "dark"],
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    page.goto(proxy.origin + path, wait_until="networkidle")
    page.evaluate(axe_source)
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    context.close()
    assert [(fault["id"], [node["target"] for node in fault["nodes"]]) for fault in found] == []


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_nothing_is_wider_than_the_window(page: Page, proxy: RunningProxy, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(proxy.origin)
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_copy_button_copies_the_tag_with_the_address_in_use(
    context: BrowserContext, page: Page, proxy: RunningProxy
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(proxy.at("localhost"))
    button = page.get_by_role("button", name="Copy the script tag")
    button.click()
    expect(page.get_by_role("status").filter(has_text="Copied.")).to_be_attached()
    expect(page.get_by_role("button", name="Copied the script tag")).to_be_visible()
    tag = f'<script src="{proxy.at("localhost")}/embed.js" data-site="demo" async></script>'
    assert page.evaluate("navigator.clipboard.readText()") == tag


def test_without_a_clipboard_the_copy_button_selects_the_text(
    page: Page, proxy: RunningProxy
) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto(proxy.origin)
    page.get_by_role("button", name="Copy the address").click()
    expect(page.get_by_role("button", name="Selected the address")).to_be_visible()
    assert page.evaluate("String(getSelection())") == proxy.origin


def test_the_skip_link_comes_first_and_leads_past_the_navigation(
    page: Page, proxy: RunningProxy
) -> None:
    page.goto(proxy.origin)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_article_prints_without_what_belongs_to_the_screen(
    page: Page, proxy: RunningProxy
) -> None:
    page.goto(proxy.origin)
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="The mark in the margin")).to_be_visible()
    for part in (page.locator("#embed"), page.locator("nav"), page.locator(".invitation")):
        expect(part).to_be_hidden()
