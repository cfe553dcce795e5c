"""The side panel: opened by its button, its menu and its keys, and answering about what was selected."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright

from support.extension import ExtensionBrowser, SidePanel, extension_browser
from support.servers import HostPages, RunningProxy

KEEPER = "The lamp at the end of the pier was lit every evening by Martha Quill."
SHIPS = "Herring boats came home before the tide turned in the harbour."
FILLER = "".join(f"<p>Paragraph {n} speaks of ropes, tar and the weather.</p>" for n in range(20))
ARTICLE = f"""<!doctype html><html lang="en"><title>The pier</title><main><h1>The pier</h1>
<h2>The keeper</h2><p id="keeper">{KEEPER}</p><h2>The ships</h2><p id="ships">{SHIPS}</p>{FILLER}</main></html>"""


@pytest.fixture
def asklight(
    playwright: Playwright, proxy: RunningProxy, pages: HostPages, tmp_path: Path
) -> Iterator[ExtensionBrowser]:
    """The extension, set up for the proxy. It may reach one article's site unasked, for the handlers of menu and
    keys: called by a program they grant nothing."""
    pages.put("/pier", ARTICLE)
    hosts = [f"{proxy.origin}/*", pages.at("allowed.localhost", "/*")]
    with extension_browser(playwright, tmp_path, hosts) as browser:
        browser.set_up(proxy.origin)
        yield browser


@pytest.fixture
def article(asklight: ExtensionBrowser, pages: HostPages) -> Page:
    """An article in the browser's tab, on a site the extension has no leave for."""
    page = asklight.context.pages[0]
    page.goto(pages.at("a.localhost", "/pier"))
    return page


def select(page: Page, selector: str) -> None:
    """Selects an element's text."""
    page.locator(selector).evaluate("element => getSelection().selectAllChildren(element)")


def ask(panel: SidePanel, question: str) -> None:
    """Writes a question and sends it."""
    panel.click("textarea")
    panel.write(question)
    panel.press("Enter")


def test_the_toolbar_button_opens_the_panel_and_an_answer_about_the_selection_streams_into_it(
    asklight: ExtensionBrowser, article: Page
) -> None:
    select(article, "#keeper")
    asklight.press_toolbar_button(article)
    panel = asklight.panel
    panel.wait_for_text("What will be sent", KEEPER)
    panel.evaluate(
        """(globalThis.seen = [], new MutationObserver(() => seen.push(textOf(document).length))
        .observe(find('.asklight'), { subtree: true, childList: true, characterData: true }))"""
    )
    ask(panel, "Who lit the lamp?")
    panel.wait_for_text("The answer is complete.", "You asked", "Who lit the lamp?")
    assert "Selection, Title, Address" in panel.text  # the question's receipt
    assert panel.text.count("Martha Quill") >= 3  # the answer quotes it beside the chip
    growth = panel.evaluate("[...new Set(seen)].length")
    assert growth > 3, "the answer came in one piece"


def test_a_question_can_be_written_and_sent_without_touching_the_mouse(
    asklight: ExtensionBrowser, article: Page
) -> None:
    asklight.press_toolbar_button(article)
    panel = asklight.panel
    panel.wait_for_text("What will be sent", "Page text")
    panel.wait_until("find('textarea').getRootNode().activeElement === find('textarea')")
    panel.write("When did the herring boats come home?")
    panel.press("Enter")
    panel.wait_for_text("The answer is complete.", SHIPS)


def test_the_chat_is_still_there_when_the_panel_is_opened_again(
    asklight: ExtensionBrowser, article: Page
) -> None:
    asklight.press_toolbar_button(article)
    asklight.panel.wait_for_text("What will be sent")
    ask(asklight.panel, "Who lit the lamp?")
    asklight.panel.wait_for_text("The answer is complete.")
    asklight.close_panel()
    asklight.press_toolbar_button(article)
    asklight.panel.wait_for_text("You asked", "Who lit the lamp?")


def test_pressing_the_button_again_adds_what_is_selected_then(
    asklight: ExtensionBrowser, article: Page
) -> None:
    select(article, "#keeper")
    asklight.press_toolbar_button(article)
    asklight.panel.wait_for_text(KEEPER)
    select(article, "#ships")
    assert SHIPS not in asklight.panel.text
    asklight.press_toolbar_button(article)
    asklight.panel.wait_for_text(KEEPER, SHIPS)


def test_the_menu_asks_about_the_selection_it_was_opened_on(
    asklight: ExtensionBrowser, pages: HostPages
) -> None:
    page = asklight.context.pages[0]
    page.goto(pages.at("allowed.localhost", "/pier"))
    asklight.press_toolbar_button(page)
    asklight.panel.wait_for_text("Page text")
    select(page, "#ships")
    asklight.choose_menu(page, SHIPS)
    asklight.panel.wait_for_text(SHIPS)


def test_the_menu_is_there_for_selections_and_for_pages(asklight: ExtensionBrowser) -> None:
    taken = asklight.worker.evaluate(
        """() => Promise.all(['page', 'selection'].map((id) => new Promise((done) =>
        chrome.contextMenus.update(id, {}, () => done(chrome.runtime.lastError ?? null)))))"""
    )
    assert taken == [None, None]


def test_the_keys_ask_about_the_page_and_its_selection(
    asklight: ExtensionBrowser, article: Page, pages: HostPages
) -> None:
    asklight.press_toolbar_button(article)
    asklight.panel.wait_for_text("Page text")
    other = asklight.context.new_page()
    other.goto(pages.at("allowed.localhost", "/pier"))
    select(other, "#keeper")
    asklight.panel.wait_for_text("Press the button again to read this page.")
    asklight.press_keys(other)
    asklight.panel.wait_for_text(KEEPER)


def test_the_button_works_when_the_worker_was_asleep(
    asklight: ExtensionBrowser, article: Page
) -> None:
    asklight.stop_worker(article)
    select(article, "#keeper")
    asklight.press_toolbar_button(article)
    asklight.panel.wait_for_text(KEEPER)


def test_an_answer_goes_on_while_the_worker_sleeps(
    asklight: ExtensionBrowser, article: Page
) -> None:
    asklight.press_toolbar_button(article)
    asklight.panel.wait_for_text("Page text")
    asklight.stop_worker(article)
    ask(asklight.panel, "Who lit the lamp?")
    asklight.panel.wait_for_text("The answer is complete.", KEEPER)


def test_a_source_opens_beside_the_panel_and_not_in_its_place(
    asklight: ExtensionBrowser, article: Page
) -> None:
    asklight.press_toolbar_button(article)
    asklight.panel.wait_for_text("Page text")
    ask(asklight.panel, "Who lit the lamp?")
    asklight.panel.wait_for_text("The answer is complete.", "Sources")
    with asklight.context.expect_page() as opened:
        asklight.panel.click("a[role=link]")
    assert opened.value.url.split("#")[0] == article.url
    assert asklight.panel.evaluate("location.pathname") == "/sidepanel.html"


def test_axe_finds_nothing_in_the_panel(
    asklight: ExtensionBrowser, article: Page, axe_source: str
) -> None:
    select(article, "#keeper")
    asklight.press_toolbar_button(article)
    panel = asklight.panel
    panel.wait_for_text(KEEPER)
    ask(panel, "Who lit the lamp?")
    panel.wait_for_text("The answer is complete.")
    panel.run(axe_source)
    found = panel.run(
        """axe.run().then(({ passes, violations }) => ({ passed: passes.length, violations:
        violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]) }))"""
    )
    assert found["passed"] > 10, "axe looked at nothing"
    assert found["violations"] == []
