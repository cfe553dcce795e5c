"""Highlight something, ask about it: from the page's selection to the answer."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from support.servers import HostPages, RunningProxy
from support.widget import ARTICLE, PANEL, Widget


@pytest.fixture
def widget(page: Page, pages: HostPages, site: RunningProxy) -> Widget:
    opened = Widget(page, pages, site)
    opened.visit()
    return opened


ON_TOP = """
<dialog id="terms"><p id="lit">By accepting you agree that the lamp stays lit.</p><button>Accept</button></dialog>
<div id="reader"><p id="large">Read at large, the lamp is seen from the sea.</p></div>
<a-form></a-form>
<script>customElements.define("a-form", class extends HTMLElement {
  connectedCallback() {
    this.attachShadow({ mode: "open" }).innerHTML = '<input id="typed" value="typed"><p id="shown">Shown.</p>';
  }
});</script>
"""
"""What lies over the rest of a page, and a field in a shadow tree."""


def drag_over(page: Page, selector: str) -> None:
    """Selects some of an element's first line as a person does, with the mouse."""
    page.locator(selector).hover()  # waits until it stands still
    box = page.locator(selector).bounding_box()
    assert box
    line = box["y"] + 10
    page.mouse.move(box["x"] + 1, line)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, line, steps=5)
    page.mouse.up()


def test_a_selection_is_asked_about_and_answered(widget: Widget) -> None:
    widget.select("#second")
    widget.button("Ask about this").click()
    expect(widget.question).to_be_focused()
    chip = widget.chip("A lamp needs a keeper.")
    expect(chip).to_be_visible()
    expect(widget.button("Add the whole page")).to_be_visible()
    widget.ask("Who lit the lamp?")
    expect(widget.answers).to_contain_text("Every evening the keeper climbed the stairs")
    expect(widget.button("Good answer")).to_be_visible()
    expect(widget.answers).not_to_contain_text("Electric light")
    expect(widget.panel.locator(".receipt")).to_contain_text("Selection")


def test_what_was_selected_before_the_widget_came_is_offered(
    page: Page, pages: HostPages, site: RunningProxy
) -> None:
    widget = Widget(page, pages, site)
    first = "getSelection().selectAllChildren(document.querySelector('#second'))"
    widget.visit(body=f"{ARTICLE}<script>{first}</script>")
    widget.button("Ask about this").click()
    expect(widget.chip("A lamp needs a keeper.")).to_be_visible()


def test_what_is_selected_while_the_panel_comes_stays_selected_and_is_offered(
    widget: Widget,
) -> None:
    held: list[Route] = []
    widget.page.route(PANEL, lambda route: held.append(route))
    drag_over(widget.page, "#first")
    widget.button("Ask about this").click()
    drag_over(widget.page, "#second")
    for route in held:
        route.continue_()
    expect(widget.panel.locator(".chip.selection")).to_have_count(1)
    widget.button("Ask about this").click()
    expect(widget.panel.locator(".chip.selection")).to_have_count(2)
    expect(widget.question).to_be_focused()


def test_the_selection_stays_when_focus_moves_and_text_is_typed(widget: Widget) -> None:
    drag_over(widget.page, "#second")
    selected = widget.page.evaluate("String(getSelection())")
    assert selected
    widget.button("Ask about this").click()
    widget.question.press_sequentially("Who")
    widget.page.locator("h1").click()
    widget.question.click()
    chip = widget.panel.locator(".chip.selection")
    expect(chip).to_contain_text(selected)
    chip.get_by_role("button", name="Leave out: Selection").click()
    expect(widget.chip("Page text")).to_be_visible()
    chip.get_by_role("button", name="Send again: Selection").click()
    expect(widget.button("Add the whole page")).to_be_visible()
    expect(widget.chip("Paragraph")).to_be_visible()


def test_the_launcher_takes_a_selection_along_too(widget: Widget) -> None:
    widget.select("#third")
    widget.open()
    expect(widget.chip("Electric light")).to_be_visible()


def test_a_selection_that_was_let_go_is_not_taken_along(widget: Widget) -> None:
    widget.select("#third")
    expect(widget.button("Ask about this")).to_be_visible()
    widget.page.clock.install()
    widget.page.evaluate("getSelection().removeAllRanges()")
    expect(widget.button("Ask about this")).to_be_hidden()
    widget.page.clock.run_for(1_000)
    widget.launcher.click()
    widget.page.clock.resume()
    expect(widget.chip("Page text")).to_be_visible()
    expect(widget.panel.locator(".chip.selection")).to_have_count(0)


def test_a_second_selection_joins_the_first_until_they_are_sent(widget: Widget) -> None:
    selections = widget.panel.locator(".chip.selection")
    for number, selector in enumerate(("#first", "#second"), start=1):
        drag_over(widget.page, selector)
        widget.button("Ask about this").click()
        expect(selections).to_have_count(number)
    widget.ask("Who lit the lamp?")
    expect(widget.button("Good answer")).to_be_visible()
    drag_over(widget.page, "#third")
    widget.button("Ask about this").click()
    expect(selections).to_have_count(1)
    expect(selections).to_contain_text("Electric")


def test_a_password_is_never_offered_nor_read(widget: Widget) -> None:
    widget.page.locator("#secret").focus()
    widget.page.evaluate("document.querySelector('#secret').select()")
    widget.page.keyboard.press("Shift+Home")
    widget.open()
    expect(widget.button("Ask about this")).to_be_hidden()
    expect(widget.panel.locator(".chip.selection")).to_have_count(0)
    widget.chip("Page text").locator(".chip-open").click()
    expect(widget.panel.locator(".exact-text")).not_to_contain_text("hunter2")


def test_selecting_inside_the_panel_offers_nothing(widget: Widget) -> None:
    widget.open()
    widget.page.clock.install()
    drag_over(widget.page, ".welcome")
    widget.page.clock.run_for(1_000)
    assert widget.page.evaluate("String(getSelection())")
    expect(widget.button("Ask about this")).to_be_hidden()


def test_on_a_phone_a_selection_is_offered_and_the_panel_fills_the_screen(
    browser: Browser, pages: HostPages, site: RunningProxy
) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        reduced_motion="reduce",
    )
    widget = Widget(context.new_page(), pages, site)
    widget.visit(head='<meta name="viewport" content="width=device-width">')
    widget.select("#second")
    widget.button("Ask about this").tap()
    expect(widget.chip("A lamp needs a keeper.")).to_be_visible()
    assert widget.panel.bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    assert widget.question.evaluate("field => getComputedStyle(field).fontSize") == "16px"
    sizes = widget.panel.get_by_role("button").evaluate_all(
        "buttons => buttons.map(button => button.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 42
    widget.page.evaluate(
        """() => {
          Object.defineProperty(visualViewport, 'height', { get: () => 500 });
          visualViewport.dispatchEvent(new Event('resize'));
        }"""
    )
    assert widget.panel.bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 500}
    context.close()


def test_what_lies_over_the_page_is_asked_about_where_it_lies(widget: Widget) -> None:
    widget.visit(body=ON_TOP)
    page, offer = widget.page, widget.button("Ask about this")
    panel = page.get_by_role("dialog", name="Assistant")
    page.evaluate("document.querySelector('#terms').showModal()")
    drag_over(page, "#lit")
    offer.click()
    expect(widget.question).to_be_focused()
    expect(panel.locator(".chip.selection")).to_contain_text("By accepting")
    widget.question.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.get_by_role("button", name="Accept")).to_be_visible()  # its dialog is still there
    page.evaluate("document.querySelector('#terms').remove()")
    widget.open()
    widget.button("Close").click()

    page.evaluate("document.querySelector('#reader').requestFullscreen()")
    drag_over(page, "#large")
    offer.click()
    expect(panel.locator(".chip.selection")).to_have_count(2)
    page.evaluate("document.exitFullscreen()")
    page.evaluate("document.querySelector('#reader').remove()")
    expect(panel).to_be_visible()


def test_nothing_is_offered_for_what_may_not_leave_though_it_is_selected(widget: Widget) -> None:
    widget.visit(body=ON_TOP)
    page, offer = widget.page, widget.button("Ask about this")
    drag_over(page, "a-form #shown")
    expect(offer).to_be_visible()
    page.clock.install()
    page.locator("a-form #typed").click()
    page.keyboard.press("Control+A")
    page.clock.run_for(1_000)
    assert page.evaluate("String(getSelection())") == "typed"
    expect(offer).to_be_hidden()


def test_an_offer_lies_on_no_launcher_and_nothing_of_ours_is_printed(widget: Widget) -> None:
    widget.visit(body="<p>A very long day at the lamp.</p>" * 100)
    page, offer = widget.page, widget.button("Ask about this")
    page.keyboard.press("Control+A")
    expect(widget.button("Do not offer this on this site")).to_be_visible()
    widget.launcher.click(trial=True)  # within reach: it has no place of its own
    offer.click()
    widget.question.wait_for()
    marked = "getComputedStyle(document.querySelector('p'), '::highlight(asklight-selection)').backgroundColor"
    on_screen = page.evaluate(marked)
    page.emulate_media(media="print")
    expect(widget.panel).to_be_hidden()
    assert page.evaluate(marked) != on_screen


def test_escape_sends_the_offer_away_and_leaves_the_selection_and_the_focus(widget: Widget) -> None:
    page, offer = widget.page, widget.button("Ask about this")
    page.evaluate("document.querySelector('#second').tabIndex = 0")
    page.locator("#second").focus()
    widget.select("#second")
    expect(widget.button("Do not offer this on this site")).to_be_visible()
    page.keyboard.press("Alt+Shift+KeyA")
    expect(offer).to_be_focused()
    page.keyboard.press("Escape")
    expect(offer).to_be_hidden()
    expect(page.locator("#second")).to_be_focused()
    page.evaluate("dispatchEvent(new Event('scroll'))")
    expect(offer).to_be_hidden()
    assert page.evaluate("String(getSelection())").startswith("A lamp needs a keeper.")
    drag_over(page, "#third")
    expect(offer).to_be_visible()


def test_a_selection_drawn_onto_the_launcher_is_offered(widget: Widget) -> None:
    page, disc = widget.page, widget.launcher.bounding_box()
    start = page.locator("#second").bounding_box()
    assert disc and start
    page.mouse.move(start["x"] + 1, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(disc["x"] + 20, disc["y"] + 20, steps=5)
    page.mouse.up()
    expect(widget.button("Ask about this")).to_be_visible()


def test_in_an_editor_the_key_is_the_writers_until_something_is_selected(widget: Widget) -> None:
    page, offer = widget.page, widget.button("Ask about this")
    page.evaluate("document.querySelector('#second').contentEditable = true")
    page.locator("#second").click()
    page.evaluate("getSelection().collapseToEnd()")
    page.keyboard.press("Alt+Shift+KeyA")
    page.keyboard.press("Shift+Control+ArrowLeft")
    expect(offer).to_be_visible()
    page.keyboard.press("Alt+Shift+KeyA")
    expect(offer).to_be_focused()
    expect(widget.question).to_have_count(0)
