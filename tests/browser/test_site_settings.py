"""What a site's owner has set, as visitors meet it: the assistant as a frame on a page, its words and its colour."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from asklight.app import STATIC
from asklight.site.build import Build
from support.servers import HostPages, RunningProxy, running_proxy
from support.widget import HOST, PROXY_HOST, Widget


def frame_of(proxy: RunningProxy) -> str:
    """A page that carries the whole assistant in a frame."""
    return f'<!doctype html><title>Host</title><iframe src="{proxy.at(PROXY_HOST)}/chat" title="Ask"></iframe>'


def test_the_whole_page_answers_in_a_frame_on_a_page_of_its_site(
    page: Page, pages: HostPages, tmp_path: Path
) -> None:
    with running_proxy(tmp_path, {"ASKLIGHT_ORIGINS": pages.at(HOST, "")}) as proxy:
        pages.put("/frame-host", frame_of(proxy))
        page.goto(pages.at(HOST, "/frame-host"))
        chat = page.frame_locator("iframe")
        question = chat.get_by_label("Your question")
        question.fill("Who are you?")
        question.press("Enter")
        expect(chat.get_by_role("button", name="Good answer")).to_be_visible()
        expect(chat.locator(".prose")).to_contain_text("No model is configured")


def test_the_whole_page_is_not_shown_in_anybody_elses_frame(
    page: Page, pages: HostPages, tmp_path: Path
) -> None:
    with running_proxy(tmp_path, {"ASKLIGHT_ORIGINS": "https://elsewhere.example"}) as proxy:
        pages.put("/frame-host", frame_of(proxy))
        with page.expect_console_message(lambda said: "frame-ancestors" in said.text):
            page.goto(pages.at(HOST, "/frame-host"))


def test_the_owners_words_and_colour_are_the_panels(
    page: Page, pages: HostPages, tmp_path: Path
) -> None:
    settings = {
        "ASKLIGHT_ORIGINS": pages.at(HOST, ""),
        "ASKLIGHT_TITLE": "Lamp desk",
        "ASKLIGHT_WELCOME": "Ask about our lamps.",
        "ASKLIGHT_PLACEHOLDER": "Which lamp?",
        "ASKLIGHT_COLOR": "#7FD1B9",
        "ASKLIGHT_THEME": "light",
        "ASKLIGHT_PRIVACY_URL": "https://www.example.com/privacy",
        "ASKLIGHT_RETENTION": "Chats are kept for 30 days.",
    }
    page.emulate_media(color_scheme="dark")
    with running_proxy(tmp_path, settings) as proxy:
        widget = Widget(page, pages, proxy)
        widget.visit()
        widget.open()
        expect(widget.panel).to_contain_text("Lamp desk")
        expect(widget.panel).to_have_css("background-color", "rgb(255, 253, 247)")
        expect(widget.panel).to_contain_text("Chats are kept for 30 days. Privacy")
        privacy = widget.panel.get_by_role("link", name="Privacy")
        expect(privacy).to_have_attribute("href", "https://www.example.com/privacy")
        expect(privacy).to_have_attribute("rel", "noopener noreferrer")
        expect(widget.panel).to_contain_text("Ask about our lamps.")
        expect(widget.question).to_have_attribute("placeholder", "Which lamp?")
        widget.question.fill("x")
        expect(widget.button("Send")).to_have_css("background-color", "rgb(127, 209, 185)")


def test_the_tag_can_say_all_of_it_for_one_page(
    page: Page, pages: HostPages, proxy: RunningProxy
) -> None:
    widget = Widget(page, pages, proxy)
    widget.visit(
        attributes='data-title="Lamp desk" data-welcome="Ask about our lamps." data-placeholder="Which lamp?"'
        ' data-color="#123456" data-color-dark="#FEDCBA" data-theme="dark"'
        ' data-retention="Nothing is kept." data-privacy="javascript:alert(1)"'
    )
    widget.open()
    expect(widget.panel).to_contain_text("Lamp desk")
    expect(widget.panel).to_contain_text("Ask about our lamps.")
    expect(widget.question).to_have_attribute("placeholder", "Which lamp?")
    expect(widget.panel).to_contain_text("Nothing is kept.")
    expect(widget.panel.get_by_role("link", name="Privacy")).to_have_count(0)
    widget.question.fill("x")
    expect(widget.button("Send")).to_have_css("background-color", "rgb(254, 220, 186)")


def test_the_launcher_is_shown_with_the_sites_own_colour_and_in_its_corner_from_the_first(
    page: Page, pages: HostPages, tmp_path: Path
) -> None:
    settings = {
        "ASKLIGHT_ORIGINS": pages.at(HOST, ""),
        "ASKLIGHT_COLOR": "#7FD1B9",
        "ASKLIGHT_POSITION": "bottom-left",
    }
    with running_proxy(tmp_path, settings) as proxy:
        widget = Widget(page, pages, proxy)
        page.add_init_script(WATCH)
        widget.visit()
        expect(widget.launcher).to_be_visible()
        widget.open()
        page.keyboard.press("Escape")
        expect(widget.launcher).to_be_visible()
        assert page.evaluate("[...seen]") == ["left rgb(127, 209, 185)"]
        widget.visit(attributes='data-color="#123456" data-position="bottom-right"')
        expect(widget.launcher).to_be_visible()
        assert page.evaluate("[...seen]") == ["right rgb(18, 52, 86)"]
        # Without its look it is still there.
        page.route("**/look.js*", lambda route: route.abort())
        widget.visit()
        widget.open()
        page.keyboard.press("Escape")
        page.unroute("**/look.js*")
        page.route("**/look.js*", lambda route: None)
        widget.visit()
        expect(widget.launcher).to_be_visible()


WATCH = """
  globalThis.seen = new Set();
  const look = () => {
    const disc = document.querySelector('asklight-widget')?.shadowRoot.querySelector('.disc');
    if (disc?.checkVisibility()) {
      const side = disc.getBoundingClientRect().x < innerWidth / 2 ? 'left' : 'right';
      seen.add(`${side} ${getComputedStyle(disc.querySelector('path:not(.edge)')).stroke}`);
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
"""
"""Notes, frame by frame, where the launcher is shown and in what colour."""


def test_a_launchers_mark_is_seen_whatever_its_colour_and_pressed_it_looks_pressed(
    page: Page, pages: HostPages, proxy: RunningProxy
) -> None:
    widget = Widget(page, pages, proxy)
    edge = widget.launcher.locator(".edge")
    for color, stroke in {
        "#ffffff": "rgba(0, 0, 0, 0.533)",
        "#FFE": "rgba(0, 0, 0, 0.533)",
        "#FFE14A": "none",
        "#0000aa": "none",
    }.items():
        widget.visit(attributes=f'data-color="{color}"')
        expect(edge).to_have_css("stroke", stroke)
    expect(widget.launcher).to_have_css("scale", "none")
    widget.launcher.hover()
    page.mouse.down()
    expect(widget.launcher).to_have_css("scale", "0.95")
    page.emulate_media(forced_colors="active")
    expect(widget.launcher).to_have_css("scale", "0.95")
    # The mark keeps the paper it was made for.
    expect(widget.launcher.locator("svg")).to_have_css("background-color", "rgb(255, 253, 247)")


README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")

PROPERTIES = {
    "--asklight-paper": "rgb(250, 240, 230)",
    "--asklight-ink": "rgb(1, 2, 3)",
    "--asklight-marker": "rgb(0, 170, 0)",
    "--asklight-on-marker": "rgb(4, 5, 6)",
    "--asklight-font": "italic 17px/20px serif",
    "--asklight-width": "321px",
    "--asklight-height": "501px",
    "--asklight-radius": "3px",
}

PARTS = ["launcher", "panel", "bar", "log", "question", "answer", "context", "composer", "terms"]


def test_the_pages_own_styles_reach_all_that_the_readme_names(
    page: Page, pages: HostPages, proxy: RunningProxy
) -> None:
    assert set(PROPERTIES) == set(re.findall(r"^  .*?(--asklight-[\w-]+):", README, re.M)) | set(
        re.findall(r";\s+(--asklight-[\w-]+):", README)
    )
    (named,) = re.findall(r"^Parts: (.*)\.$", README, re.M)
    assert named == ", ".join(f"`{part}`" for part in PARTS)
    values = ";".join(f"{name}: {value}" for name, value in PROPERTIES.items())
    parts = "".join(
        f"asklight-widget::part({part}) {{ outline: 2px solid rgb(9, 9, {number}) }}"
        for number, part in enumerate(PARTS)
    )
    placed = "asklight-widget::part(launcher) { bottom: 90px }"
    page.emulate_media(reduced_motion="reduce")
    widget = Widget(
        page,
        pages,
        proxy,
        head=f"<style>asklight-widget {{ {values} }} {parts} {placed}</style>",
    )

    def parts_are_styled(names: list[str]) -> None:
        for name in names:
            styled = page.locator(f"asklight-widget [part={name}]").first
            expect(styled).to_have_css("outline-color", f"rgb(9, 9, {PARTS.index(name)})")

    widget.visit(attributes='data-retention="Kept for a day."')
    place = widget.launcher.bounding_box()
    assert place
    assert place["y"] + place["height"] == 720 - 90
    stroke = widget.launcher.locator("path:not(.edge)").first
    expect(stroke).to_have_css("stroke", PROPERTIES["--asklight-marker"])
    widget.select("#second")
    ask = widget.button("Ask about this")
    expect(ask).to_have_css("border-left-color", PROPERTIES["--asklight-marker"])
    widget.page.locator("h1").click()
    widget.open()
    box = widget.panel.bounding_box()
    assert box
    assert (box["width"], box["height"]) == (321, 501)
    expect(widget.panel).to_have_css("border-radius", "3px")
    widget.ask("Who lit the lamp?")
    expect(widget.button("Good answer")).to_be_visible()
    parts_are_styled(PARTS)

    def panel_is_styled() -> None:
        panel = page.locator("asklight-widget [part=panel]")
        expect(panel).to_have_css("background-color", PROPERTIES["--asklight-paper"])
        question = panel.get_by_label("Your question")
        question.fill("x")
        for name, value in {"color": PROPERTIES["--asklight-ink"], "font-size": "17px"}.items():
            expect(question).to_have_css(name, value)
        expect(question).to_have_css("font-family", "serif")
        expect(question).to_have_css("font-style", "italic")
        send = panel.get_by_role("button", name="Send")
        expect(send).to_have_css("background-color", PROPERTIES["--asklight-marker"])
        expect(send).to_have_css("color", PROPERTIES["--asklight-on-marker"])

    panel_is_styled()
    widget.visit_element('data-retention="Kept for a day."')
    panel_is_styled()
    parts_are_styled([part for part in PARTS if part not in ("launcher", "question", "answer")])


def test_the_pinned_tag_loads_what_its_hash_says_and_nothing_else(
    page: Page, pages: HostPages, proxy: RunningProxy
) -> None:
    pinned = Build(STATIC).pinned()
    assert pinned is not None
    widget = Widget(page, pages, proxy)

    def visit(integrity: str) -> None:
        pages.put(
            "/pinned",
            f'<!doctype html><p>Text</p><script src="{proxy.at(PROXY_HOST)}{pinned.path}" integrity="{integrity}"'
            ' crossorigin="anonymous" data-site="demo"></script>',
        )
        page.goto(pages.at(HOST, "/pinned"))

    visit(pinned.integrity)
    widget.open()
    visit("sha384-" + "A" * 64)
    expect(page.locator("asklight-widget")).to_have_count(0)
