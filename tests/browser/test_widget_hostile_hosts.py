"""The widget on pages that are hard to be a guest on: it works, looks itself, and leaves the page its own."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from support.hostile_hosts import HIT, HOSTS, LOOK, Host
from support.servers import HostPages, RunningProxy
from support.told import ToldUpstream
from support.widget import ARTICLE, HOST, PROXY_HOST, Widget, page_with_widget


def told_of(page: Page) -> list[str]:
    """What the page complains of from now on."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def converse(widget: Widget, upstream: ToldUpstream) -> None:
    """A question, and an answer that comes in two pieces."""
    upstream.say("By the **keeper**, ")
    widget.ask("Who lit the lamp?")
    expect(widget.answers).to_have_text("By the keeper,")
    upstream.say("with `a match`.")
    upstream.finish()
    expect(widget.answers).to_have_text("By the keeper, with a match.")
    expect(widget.button("Good answer")).to_be_visible()


def ask_about_a_selection(widget: Widget) -> None:
    """Text is selected; the button beside it can be seen and reached, and brings the text along."""
    # What is selected in a field is no text of the page.
    widget.page.locator("#field").evaluate("field => field.blur()")
    widget.select("#second")
    ask = widget.button("Ask about this")
    # Once the other buttons have come it does not move any more.
    expect(widget.button("Explain")).to_be_visible()
    expect(ask).to_be_in_viewport(ratio=1)
    width, height = ask.evaluate(HIT)
    assert width > 80
    assert 44 <= height < 45
    ask.click()
    expect(widget.panel.locator(".chip.selection")).to_contain_text("A lamp needs a keeper.")


def visit(widget: Widget, host: Host, proxy: RunningProxy) -> None:
    address = proxy.at(PROXY_HOST)
    widget.visit(
        attributes=host.attributes,
        headers=host.headers_for(address),
        head=host.whole_head,
        body=ARTICLE + host.whole_body,
        opening=host.opening,
    )


@pytest.fixture(scope="module")
def plain_look(
    browser: Browser, pages: HostPages, told_proxy: RunningProxy, upstream: ToldUpstream
) -> list[dict[str, Any]]:
    """How it looks where nothing is in its way."""
    page = browser.new_page()
    widget = Widget(page, pages, told_proxy)
    visit(widget, Host(), told_proxy)
    widget.open()
    converse(widget, upstream)
    look: list[dict[str, Any]] = widget.panel.evaluate(LOOK)
    page.close()
    return look


@pytest.fixture(autouse=True)
def silence(upstream: ToldUpstream) -> Iterator[None]:
    """What one page was not told is said on no other."""
    yield
    upstream.forget()


@pytest.mark.parametrize("name", HOSTS)
def test_it_works_on(
    name: str,
    page: Page,
    pages: HostPages,
    told_proxy: RunningProxy,
    upstream: ToldUpstream,
    plain_look: list[dict[str, Any]],
) -> None:
    host = HOSTS[name]
    widget = Widget(page, pages, told_proxy)
    complaints = told_of(page)
    visit(widget, host, told_proxy)
    assert widget.launcher.evaluate(HIT) == [56, 56]
    widget.open()
    page.evaluate(host.late)
    converse(widget, upstream)
    assert upstream.asked[-1]["content"] == "Who lit the lamp?"
    assert "A lamp needs a keeper." in upstream.asked[-1]["pageContext"]["content"]

    look = widget.panel.evaluate(LOOK)
    assert [
        {key: (was, new[key]) for key, was in old.items() if new[key] != was}
        for old, new in zip(plain_look, look, strict=True)
    ] == [{}] * len(plain_look)

    widget.button("Close").click()
    page.mouse.click(5, 5) if host.is_covered else page.locator("#own").click()
    expect(page.locator("#done")).to_have_text(host.own)
    page.locator("#field").press_sequentially("as")
    expect(page.locator("#field")).to_have_value("as")

    ask_about_a_selection(widget)
    assert complaints == list(host.noise)


FRAMES = {
    "a sandboxed frame": '<iframe sandbox="allow-scripts allow-same-origin" src="/framed"></iframe>',
    "a frame written in place": '<iframe srcdoc="{html}"></iframe>',
}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_it_works_in(
    frame: str, page: Page, pages: HostPages, told_proxy: RunningProxy, upstream: ToldUpstream
) -> None:
    html = page_with_widget(told_proxy)
    pages.put("/framed", html)
    frame = frame.replace("{html}", escape(html))
    pages.put("/", f"<!doctype html><style>iframe {{ width: 500px; height: 600px }}</style>{frame}")
    page.goto(pages.at(HOST))
    inside = page.frame_locator("iframe")
    inside.get_by_role("button", name="Ask about this page").click()
    panel = inside.get_by_role("dialog")
    upstream.say("By the **keeper**.")
    upstream.finish()
    panel.get_by_label("Your question").fill("Who lit the lamp?")
    panel.get_by_label("Your question").press("Enter")
    expect(panel.locator(".prose")).to_have_text("By the keeper.")
    assert "A lamp needs a keeper." in upstream.asked[-1]["pageContext"]["content"]


def test_in_a_frame_that_is_nobodys_it_says_that_asking_is_not_allowed(
    page: Page, pages: HostPages, told_proxy: RunningProxy
) -> None:
    """Such a frame's origin is `null`, which every sandboxed page of every site has."""
    pages.put("/framed", page_with_widget(told_proxy))
    pages.put(
        "/", '<!doctype html><iframe sandbox="allow-scripts" src="/framed" height="700"></iframe>'
    )
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(pages.at(HOST))
    inside = page.frame_locator("iframe")
    inside.get_by_role("button", name="Ask about this page").click()
    panel = inside.get_by_role("dialog")
    panel.get_by_label("Your question").fill("Who lit the lamp?")
    panel.get_by_label("Your question").press("Enter")
    expect(panel.get_by_role("alert")).to_contain_text("not allowed to ask here")
    expect(panel).to_contain_text("Who lit the lamp?")
    assert wrong == []
