"""The panel where there is little room: a window at 200 and 400 %, text at twice its size, a phone and its keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from support.servers import HostPages, RunningProxy
from support.states import State
from support.states.asking import answered
from support.states.chats import all_being_deleted, chats
from support.states.context import masks_open
from support.states.trouble import refused
from support.told import ToldUpstream
from support.widget import Widget

FOR_PHONES = '<meta name="viewport" content="width=device-width, viewport-fit=cover">'

WINDOWS = {"200 %": (640, 360), "400 %": (320, 256), "a phone": (390, 844)}
"""What a window of 1280 by 720, and one of 1280 by 1024, have left when they are zoomed."""

OUT_OF_REACH = """(panel) => {
  const controls = [...panel.querySelectorAll("button, a, summary, textarea, input, [tabindex='0']")]
    .filter((each) => each.checkVisibility({ visibilityProperty: true }) && !each.closest("[inert]"));
  const { height } = visualViewport;
  return controls.filter((control) => {
    control.scrollIntoView({ block: "nearest", inline: "nearest" });
    const box = control.getClientRects()[0];
    const x = Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1);
    const y = box.top + Math.min(box.height, 20) / 2;
    const there = control.getRootNode().elementFromPoint(x, y);
    const isInSight = box.left > -1 && box.right < innerWidth + 1 && y > 0 && y < height;
    // Over the end of the conversation, and gone once one is there.
    if (there?.closest(".to-end")) return false;
    return !isInSight || !(control.contains(there) || there?.closest("button")?.contains(control));
  }).map((control) => control.ariaLabel || control.textContent || control.className);
}"""
"""What stays covered or beyond an edge even when it is scrolled to."""

DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""A window of another size is known of with the next frame."""

SIDEWAYS = """(panel) => [panel, ...panel.querySelectorAll(".log, .stage, .attachments, .composer, .chats")]
  .filter((box) => box.scrollWidth > box.clientWidth + 1).map((box) => box.className)"""

TWICE_THE_TEXT = """(panel) => {
  const all = [panel, ...panel.querySelectorAll("*")].filter((each) => each instanceof HTMLElement);
  const sizes = all.map((each) => getComputedStyle(each))
    .map(({ fontSize, lineHeight }) => [parseFloat(fontSize), parseFloat(lineHeight)]);
  all.forEach(({ style }, index) => {
    const [font, line] = sizes[index];
    style.fontSize = `${2 * font}px`;
    if (line) style.lineHeight = `${2 * line}px`;
  });
}"""
"""As a browser does that enlarges text alone."""

TOO_SMALL = """(panel) => [...panel.querySelectorAll("button, summary, textarea, input")]
  .filter((each) => each.checkVisibility({ visibilityProperty: true }) && !each.closest("[inert]"))
  .map((each) => [each.ariaLabel || each.textContent, each.getBoundingClientRect()])
  .filter(([name, { width, height }]) => width < 44 || height < 44)
  .map(([name, { width, height }]) => `${name}: ${width} by ${height}`)"""

SMALL_TEXT = """(panel) => [...panel.querySelectorAll("textarea, input")]
  .filter((field) => parseFloat(getComputedStyle(field).fontSize) < 16).map((field) => field.ariaLabel)"""
"""Fields that a phone zooms in on."""

KEYBOARD = """(height) => {
  Object.defineProperty(visualViewport, "height", { get: () => height, configurable: true });
  visualViewport.dispatchEvent(new Event("resize"));
}"""
"""A keyboard leaves so much of the window, whose own height stays what it was."""

STATES = [answered, masks_open, refused, chats, all_being_deleted]


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A tab on a phone held upright."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        reduced_motion="reduce",
        locale="en",
    )
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def shell(widget: Widget) -> Locator:
    return widget.page.locator("asklight-widget .asklight")


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_nothing_is_cut_off_or_out_of_reach(
    browser: Browser,
    pages: HostPages,
    told_proxy: RunningProxy,
    upstream: ToldUpstream,
    state: State,
) -> None:
    context = browser.new_context(device_scale_factor=2, reduced_motion="reduce", locale="en")
    widget = Widget(context.new_page(), pages, told_proxy)
    state(widget, upstream)
    found: dict[str, Any] = {}
    for name, (width, height) in WINDOWS.items():
        widget.page.set_viewport_size({"width": width, "height": height})
        shell(widget).evaluate(DRAWN)
        found[name] = shell(widget).evaluate(OUT_OF_REACH) + shell(widget).evaluate(SIDEWAYS)
    widget.page.set_viewport_size({"width": 1280, "height": 720})
    shell(widget).evaluate(DRAWN)
    shell(widget).evaluate(TWICE_THE_TEXT)
    found["text"] = shell(widget).evaluate(OUT_OF_REACH) + shell(widget).evaluate(SIDEWAYS)
    context.close()
    upstream.fall_silent()
    assert found == {name: [] for name in [*WINDOWS, "text"]}


def test_a_word_without_a_break_widens_nothing(widget: Widget, upstream: ToldUpstream) -> None:
    word = "https://example.com/" + "without-end" * 20
    widget.visit(attributes=f'data-welcome="{word}"')
    widget.open()
    expect(widget.panel.locator(".welcome")).to_have_text(word)
    assert shell(widget).evaluate(SIDEWAYS) == []
    widget.ask(f"What is {word}?")
    upstream.say(word)
    upstream.finish()
    expect(widget.button("Good answer")).to_be_visible()
    widget.panel.locator(".receipt summary").click()
    assert shell(widget).evaluate(SIDEWAYS) == []


def test_who_has_set_text_larger_has_it_larger_whatever_size_the_pages_is(
    page: Page, pages: HostPages, told_proxy: RunningProxy, upstream: ToldUpstream
) -> None:
    page.emulate_media(reduced_motion="reduce")
    widget = Widget(page, pages, told_proxy, head="<style>html { font-size: 62.5% }</style>")
    settings = page.context.new_cdp_session(page)
    heights, boxes = [], []
    for size in (16, 32):
        settings.send("Page.setFontSizes", {"fontSizes": {"standard": size}})
        page.context.clear_cookies()
        answered(widget, upstream)
        line = widget.panel.locator(".bubble").bounding_box()
        box = shell(widget).bounding_box()
        assert line
        assert box
        heights.append(line["height"])
        boxes.append((box["width"], box["height"]))
    assert heights == pytest.approx([38.5, 77], abs=0.5)
    assert boxes == [(400, 640), (800, 680)], "as large as the window has room for"
    assert shell(widget).evaluate(OUT_OF_REACH) + shell(widget).evaluate(SIDEWAYS) == []
    widget.button("Close").click()
    page.locator("h1").click()
    widget.select("#second")
    explain = widget.button("Explain")
    expect(explain).to_have_css("font-size", "28px")


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_on_a_phone_a_finger_hits_everything_and_no_field_zooms_the_page(
    phone: Page,
    pages: HostPages,
    told_proxy: RunningProxy,
    upstream: ToldUpstream,
    state: State,
) -> None:
    widget = Widget(phone, pages, told_proxy, head=FOR_PHONES)
    state(widget, upstream)
    assert shell(widget).evaluate(TOO_SMALL) == []
    assert shell(widget).evaluate(SMALL_TEXT) == []
    phone.set_viewport_size({"width": 844, "height": 390})
    assert shell(widget).evaluate(TOO_SMALL) == []
    upstream.fall_silent()


@pytest.mark.parametrize(
    ("width", "height", "left"), [(390, 844, 420), (844, 390, 190), (640, 360, 150)]
)
def test_a_phones_keyboard_leaves_the_question_and_the_end_of_the_answer_in_sight(
    phone: Page,
    pages: HostPages,
    told_proxy: RunningProxy,
    upstream: ToldUpstream,
    width: int,
    height: int,
    left: int,
) -> None:
    phone.set_viewport_size({"width": width, "height": height})
    widget = Widget(phone, pages, told_proxy, head=FOR_PHONES)
    widget.visit()
    widget.open()
    upstream.say("The lamp burned.\n\n" * 40, "The end.")
    upstream.finish()
    widget.ask("Why?")
    widget.button("Good answer").wait_for()
    phone.evaluate(KEYBOARD, left)
    phone.wait_for_function(
        """([panel, left]) => {
          const inside = ({ top, bottom }) => top >= 0 && bottom <= left;
          const log = panel.querySelector(".log").getBoundingClientRect();
          const end = panel.querySelector(".answer .actions").getBoundingClientRect();
          return inside(panel.querySelector("textarea").getBoundingClientRect()) && inside(log)
            && log.height >= 40 && end.bottom > log.top && end.top < log.bottom;
        }""",
        arg=[shell(widget).element_handle(), left],
    )
    assert shell(widget).evaluate(OUT_OF_REACH) == []
    upstream.fall_silent()


def test_what_a_phones_edges_cover_is_left_free(
    phone: Page, pages: HostPages, told_proxy: RunningProxy
) -> None:
    phone.set_viewport_size({"width": 844, "height": 390})
    session = phone.context.new_cdp_session(phone)
    insets = {"top": 0, "left": 47, "bottom": 34, "right": 59}
    session.send("Emulation.setSafeAreaInsetsOverride", {"insets": insets})
    widget = Widget(phone, pages, told_proxy, head=FOR_PHONES)
    widget.visit()
    box = widget.launcher.bounding_box()
    assert box
    assert (box["x"] + box["width"], box["y"] + box["height"]) == (844 - 59, 390 - 34)
    widget.select("#second")
    widget.button("Explain").wait_for()
    launcher_top = box["y"]
    for name in ("Ask about this", "Do not offer this on this site"):
        offered = widget.button(name).bounding_box()
        assert offered
        assert offered["x"] >= 47
        assert offered["x"] + offered["width"] <= 844 - 59
        assert offered["y"] + offered["height"] <= launcher_top
    widget.button("Ask about this").tap()
    widget.question.wait_for()
    for control in (widget.question, widget.button("Send"), widget.button("Close")):
        inside = control.bounding_box()
        assert inside
        assert inside["x"] >= 47
        assert inside["x"] + inside["width"] <= 844 - 59
        assert inside["y"] + inside["height"] <= 390 - 34


def test_closed_it_takes_no_tap_from_the_page(
    phone: Page, pages: HostPages, told_proxy: RunningProxy
) -> None:
    widget = Widget(phone, pages, told_proxy, head=FOR_PHONES)
    widget.visit()
    widget.open()
    widget.button("Close").tap()
    box = widget.launcher.bounding_box()
    assert box
    assert box["width"] >= 44
    outside = phone.evaluate(
        """({ x, y, width, height }) => {
          let count = 0;
          const taken = [];
          for (let left = 2; left < innerWidth; left += 8)
            for (let top = 2; top < innerHeight; top += 8) {
              if (document.elementFromPoint(left, top)?.localName !== "asklight-widget") continue;
              count += 1;
              // The button that hides it stands a little over its edge.
              const isIts = left > x - 12 && left < x + width + 12 && top > y - 12 && top < y + height + 12;
              if (!isIts) taken.push([left, top]);
            }
          return { count, taken };
        }""",
        box,
    )
    assert outside["taken"] == []
    assert outside["count"] > 0
