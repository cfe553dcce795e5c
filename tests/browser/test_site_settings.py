"""What a site's owner has set, as visitors meet it: the assistant as a frame on a page, its words and its colour."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

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
    }
    with running_proxy(tmp_path, settings) as proxy:
        widget = Widget(page, pages, proxy)
        widget.visit()
        widget.open()
        expect(widget.panel).to_contain_text("Lamp desk")
        expect(widget.panel).to_contain_text("Ask about our lamps.")
        expect(widget.question).to_have_attribute("placeholder", "Which lamp?")
        widget.question.fill("x")
        expect(widget.button("Send")).to_have_css("background-color", "rgb(127, 209, 185)")
