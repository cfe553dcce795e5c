"""Setting the extension up: the first run, the settings page, and what it says of a connection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from socket import create_server

import pytest
from playwright.sync_api import Page, Playwright, expect

from support.extension import EXTENSION_ID, ExtensionBrowser, extension_browser
from support.servers import HostPages, RunningProxy, running_proxy


@pytest.fixture
def asklight(
    playwright: Playwright, proxy: RunningProxy, pages: HostPages, tmp_path: Path
) -> Iterator[ExtensionBrowser]:
    """The extension as it is just installed, the hosts of this machine allowed."""
    with extension_browser(playwright, tmp_path, ["http://127.0.0.1/*"]) as browser:
        yield browser


def save(page: Page, address: str, site: str = "demo") -> None:
    """Enters settings and presses the button."""
    page.get_by_label("Address").fill(address)
    page.get_by_label("Site").fill(site)
    page.get_by_role("button", name="Save and connect").click()


def test_the_first_run_leads_from_the_button_to_the_settings_to_asking(
    asklight: ExtensionBrowser, pages: HostPages, proxy: RunningProxy
) -> None:
    pages.put("/", "<!doctype html><title>Tides</title><p>Springs and neaps.</p>")
    page = asklight.context.pages[0]
    page.goto(pages.at("a.localhost"))
    asklight.press_toolbar_button(page)
    asklight.panel.wait_for_text("Set up Asklight", "Nothing is contacted before you do.")
    with asklight.context.expect_page() as opened:
        asklight.panel.click("button")
    save(opened.value, proxy.origin)
    expect(opened.value.get_by_role("status")).to_contain_text(f"Connected to {proxy.origin}.")
    page.bring_to_front()
    asklight.panel.wait_for_text("What will be sent", "Address")


def test_the_settings_contact_nobody_before_the_button_is_pressed(
    asklight: ExtensionBrowser,
) -> None:
    requests: list[str] = []
    asklight.context.on("request", lambda request: requests.append(request.url))
    page = asklight.options()
    expect(page.get_by_label("Address")).to_have_value("http://127.0.0.1:8080")
    expect(page.get_by_label("Site")).to_have_value("demo")
    expect(page.get_by_role("listitem").last).to_contain_text("Shift")
    own = f"chrome-extension://{EXTENSION_ID}/"
    assert requests, "no request was seen"
    assert [url for url in requests if not url.startswith(own)] == []


def test_the_settings_can_be_made_with_the_keyboard_alone(
    asklight: ExtensionBrowser, proxy: RunningProxy
) -> None:
    page = asklight.options()
    page.keyboard.press("Tab")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(proxy.origin)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Connected")
    expect(page.get_by_label("Address")).to_be_focused()


def test_an_address_where_nothing_listens_is_told_apart(asklight: ExtensionBrowser) -> None:
    with create_server(("127.0.0.1", 0)) as listener:
        free = f"http://127.0.0.1:{listener.getsockname()[1]}"
    page = asklight.options()
    save(page, free)
    expect(page.get_by_role("status")).to_contain_text(f"Nothing answers at {free}.")


def test_another_program_at_the_address_is_told_apart(
    asklight: ExtensionBrowser, pages: HostPages
) -> None:
    page = asklight.options()
    save(page, pages.at("127.0.0.1", "").rstrip("/"))
    expect(page.get_by_role("status")).to_contain_text("it is not an Asklight proxy")


def test_a_site_that_the_proxy_does_not_have_is_told_apart(
    asklight: ExtensionBrowser, proxy: RunningProxy
) -> None:
    page = asklight.options()
    save(page, proxy.origin, "nowhere")
    expect(page.get_by_role("status")).to_contain_text(
        "does not let this extension ask as “nowhere”"
    )


def test_a_proxy_that_does_not_list_the_extension_is_told_apart_with_the_id_to_list(
    asklight: ExtensionBrowser, tmp_path: Path
) -> None:
    listed = {"ASKLIGHT_ORIGINS": "https://example.com"}
    with running_proxy(tmp_path / "data", listed) as strict:
        page = asklight.options()
        save(page, strict.origin)
        expect(page.get_by_role("status")).to_contain_text(f"add “{EXTENSION_ID}”")


def test_a_wrong_address_is_explained_beside_its_field(asklight: ExtensionBrowser) -> None:
    page = asklight.options()
    save(page, "http://ask.example.com")
    expect(page.get_by_label("Address")).to_have_accessible_description(
        "Use https for another computer, so that nobody on the way can read along: "
        "https://ask.example.com Where it runs: this computer, or an https address your team gave you."
    )
    expect(page.get_by_label("Address")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_settings(
    asklight: ExtensionBrowser, axe_source: str, scheme: str
) -> None:
    page = asklight.options()
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    save(page, "nonsense", "Two Words")
    expect(page.get_by_text("An address starts with")).to_be_visible()
    page.evaluate(axe_source)
    found = page.evaluate(
        "axe.run().then(({ passes, violations }) => ({ passed: passes.length, violations }))"
    )
    assert found["passed"] > 10, "axe looked at nothing"
    assert found["violations"] == []


def test_axe_finds_nothing_on_the_first_screen(asklight: ExtensionBrowser, axe_source: str) -> None:
    page = asklight.context.pages[0]
    page.goto("about:blank")
    asklight.press_toolbar_button(page)
    asklight.panel.wait_for_text("Set up Asklight")
    asklight.panel.run(axe_source)
    found = asklight.panel.run(
        "axe.run().then(({ passes, violations }) => ({ passed: passes.length, violations }))"
    )
    assert found["passed"] > 5, "axe looked at nothing"
    assert found["violations"] == []


def test_the_panel_says_so_when_the_proxy_is_no_longer_allowed(
    playwright: Playwright, pages: HostPages, tmp_path: Path
) -> None:
    pages.put("/", "<!doctype html><title>Tides</title><p>Springs and neaps.</p>")
    with extension_browser(playwright, tmp_path, []) as fresh:
        fresh.worker.evaluate(
            "chrome.storage.local.set({ settings: { proxy: 'https://ask.example.com', site: 'demo' } })"
        )
        page = fresh.context.pages[0]
        page.goto(pages.at("a.localhost"))
        fresh.press_toolbar_button(page)
        fresh.panel.wait_for_text("Allow Asklight to ask", "Your settings are kept.")
