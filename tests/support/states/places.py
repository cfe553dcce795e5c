"""Where the panel can stand besides a corner of the window, and how an owner can have it look."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import FrameLocator, Locator, Page, expect

from support.states.kinds import State, opened
from support.told import ToldUpstream
from support.widget import Widget


def ask_in(place: Locator | FrameLocator | Page, upstream: ToldUpstream) -> None:
    """A question and its answer, in a panel that stands anywhere."""
    upstream.say("It was the **wind**.")
    upstream.finish()
    question = place.get_by_label("Your question")
    question.fill("Why did it go out?")
    question.press("Enter")
    expect(place.get_by_role("button", name="Good answer")).to_be_visible()


def owners_words(widget: Widget, upstream: ToldUpstream) -> None:
    opened(
        widget,
        attributes='data-title="Lamp desk" data-welcome="Ask about our lamps, old and new."'
        ' data-placeholder="Which lamp?" data-color="#0b6e4f" data-color-dark="#7fd1b9"'
        ' data-retention="Chats are kept for 30 days." data-privacy="https://www.example.com/privacy"',
    )
    widget.panel.get_by_role("link", name="Privacy").wait_for()
    widget.question.fill("Which lamp is the oldest?")


def beside_the_page(widget: Widget, upstream: ToldUpstream) -> None:
    widget.visit(attributes='data-mode="side"')
    widget.launcher.click()
    ask_in(widget.page.get_by_role("complementary"), upstream)


def beside_the_page_left(widget: Widget, upstream: ToldUpstream) -> None:
    widget.visit(attributes='data-mode="side" data-position="bottom-left"')
    widget.launcher.click()
    widget.page.get_by_role("complementary").locator(".chip").first.wait_for()


def in_a_place_of_the_pages(widget: Widget, upstream: ToldUpstream) -> None:
    widget.visit_element()
    ask_in(widget.page.get_by_role("region", name="Assistant"), upstream)


def in_a_frame(widget: Widget, upstream: ToldUpstream) -> None:
    widget.visit_element("data-frame")
    frame = widget.page.frame_locator("asklight-widget iframe")
    frame.locator(".chip").first.wait_for()
    ask_in(frame, upstream)


def in_a_frame_without_a_page(widget: Widget, upstream: ToldUpstream) -> None:
    """A frame of the page's own making, which tells it nothing."""
    widget.visit(
        body=f'<iframe src="{widget.proxy_address}/chat?site=demo" title="Assistant"'
        ' style="border: 0; width: 100%; height: 32rem"></iframe>',
        attributes='data-launcher="off"',
    )
    frame = widget.page.frame_locator("iframe")
    frame.get_by_text("No page is read here").wait_for()


def whole_page(widget: Widget, upstream: ToldUpstream) -> None:
    widget.page.goto(f"{widget.proxy_address}/chat?site=demo")
    widget.page.get_by_text("No page is read here").wait_for()


def whole_page_answered(widget: Widget, upstream: ToldUpstream) -> None:
    whole_page(widget, upstream)
    ask_in(widget.page, upstream)


PLACES: Final[list[State]] = [
    owners_words,
    beside_the_page,
    beside_the_page_left,
    in_a_place_of_the_pages,
    in_a_frame,
    in_a_frame_without_a_page,
    whole_page,
    whole_page_answered,
]
