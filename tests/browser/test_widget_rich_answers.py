"""What stands in an answer: code, sources, passages of the page, reasoning, link buttons."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from support.servers import HostPages, RunningProxy
from support.told import ToldUpstream
from support.widget import PROXY_HOST, Widget

CODE = "```python\ndef light(lamp):\n    return lamp.burn()  # all night\n```\n"
STRICT = (
    "default-src 'none'; script-src {proxy}; connect-src {proxy}; style-src 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
MARKED = (
    """() => [...(CSS.highlights.get('asklight-passage') ?? [])].map((range) => range.toString())"""
)
FILLER = "".join(f"<p>Paragraph {n} about ropes and tar.</p>" for n in range(60))


def answer(widget: Widget, upstream: ToldUpstream, text: str) -> None:
    """An answer, asked for and ended."""
    upstream.say(text)
    upstream.finish()
    widget.ask("Why?")
    expect(widget.button("Good answer").last).to_be_visible()


def test_what_draws_answers_is_loaded_with_the_first_question(
    page: Page, pages: HostPages, told_proxy: RunningProxy, upstream: ToldUpstream
) -> None:
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    widget = Widget(page, pages, told_proxy)
    widget.visit()
    widget.open()
    assert not [url for url in loaded if "answer-drawing" in url or "highlight" in url]
    widget.ask("Why?")
    upstream.say("The **wind**.")
    expect(widget.answers.locator("strong")).to_have_text("wind")
    assert [url for url in loaded if "answer-drawing" in url]
    assert not [url for url in loaded if "/highlight" in url]
    upstream.finish()


def test_an_answer_is_read_as_plain_text_while_what_draws_it_is_still_loading(
    page: Page, pages: HostPages, told_proxy: RunningProxy, upstream: ToldUpstream
) -> None:
    held = []
    page.route("**/answer-drawing-*.js", lambda route: held.append(route))
    widget = Widget(page, pages, told_proxy)
    widget.visit()
    widget.open()
    widget.ask("Why?")
    upstream.say("The **wi")
    expect(widget.answers).to_have_text("The **wi")
    upstream.say("nd** took it.")
    expect(widget.answers).to_have_text("The **wind** took it.")
    held[0].continue_()
    expect(widget.answers.locator("strong")).to_have_text("wind")
    expect(widget.answers).to_have_text("The wind took it.")
    upstream.finish()
    expect(widget.button("Good answer")).to_be_visible()


def test_an_answer_is_never_lost_where_what_draws_it_cannot_be_loaded(
    page: Page, pages: HostPages, told_proxy: RunningProxy, upstream: ToldUpstream
) -> None:
    page.route("**/answer-drawing-*.js", lambda route: route.abort())
    widget = Widget(page, pages, told_proxy)
    widget.visit()
    widget.open()
    answer(widget, upstream, "The **wind**\n\ntook it.")
    assert widget.answers.inner_text() == "The **wind**\n\ntook it."


def test_code_is_coloured_once_it_is_complete_and_copied_by_its_button(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    loaded: list[str] = []
    widget.page.on("request", lambda request: loaded.append(request.url))
    upstream.say(CODE[:-5])
    widget.ask("How?")
    code = widget.answers.locator("pre code")
    expect(code).to_contain_text("all night")
    expect(widget.answers.locator(".code-bar span")).to_have_text("python")
    assert not [url for url in loaded if "/highlight" in url]
    upstream.say(f"{CODE[-5:]}\nAnd so on.")
    expect(code.locator(".token.keyword").first).to_have_text("def")
    expect(code.locator(".token.comment")).to_have_text("# all night")
    upstream.finish()
    expect(widget.button("Good answer")).to_be_visible()
    assert code.text_content() == "def light(lamp):\n    return lamp.burn()  # all night"
    assert code.locator(".token").count() > 3
    copy = widget.panel.get_by_role("button", name="Copy code")
    copy.click()
    expect(widget.panel.locator(".copy-code")).to_have_text("Copied")
    assert widget.page.evaluate("navigator.clipboard.readText()") == code.text_content()
    expect(copy).to_be_visible()
    languages = [url for url in loaded if "python-" in url or "css-" in url or "swift-" in url]
    assert len(languages) == 1


def test_an_answer_is_copied_as_markdown_or_as_plain_text(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    text = (
        "The **wind** [The lamp][1].\n\n- one\n- two\n\n|a|b|\n|-|-|\n|1|2|\n\n"
        f'{CODE}\n[1]: https://example.com/a "The lamp"\n'
    )
    answer(widget, upstream, text)
    widget.button("Copy").click()
    expect(widget.button("Copied")).to_be_visible()
    assert widget.page.evaluate("navigator.clipboard.readText()") == text
    widget.button("Copy as plain text").click()
    assert widget.page.evaluate("navigator.clipboard.readText()") == (
        "The wind The lamp example.com.\n\n• one\n• two\n\na\tb\n1\t2\n\n"
        "def light(lamp):\n    return lamp.burn()  # all night\n\n"
        "Sources\n1. The lamp (example.com) https://example.com/a"
    )


def test_sources_and_link_buttons_of_the_stream_are_shown_with_checked_addresses(
    widget: Widget, upstream: ToldUpstream
) -> None:
    def tool(output: dict[str, str], name: str = "action_display-link") -> None:
        call = {"toolCallId": output["href"], "toolName": name}
        upstream.send({"type": "tool-input-available", **call, "input": {}})
        upstream.send(
            {"type": "tool-output-available", "toolCallId": output["href"], "output": output}
        )

    widget.ask("Why?")
    upstream.send(
        {"type": "source-url", "sourceId": "1", "url": "https://example.com/log", "title": "Log"}
    )
    upstream.send({"type": "source-url", "sourceId": "2", "url": "javascript:alert(1)"})
    upstream.say("The wind.")
    tool({"buttonLabel": "Book", "href": "https://example.com/book", "buttonVariant": "primary"})
    tool({"buttonLabel": "Bad", "href": "javascript:alert(1)", "buttonVariant": "primary"})
    tool({"buttonLabel": "Other", "href": "https://example.com/x"}, "search")
    expect(widget.panel.locator(".sources li")).to_have_text(["Log (example.com)"])
    expect(widget.panel.locator(".link-button")).to_have_text(["Book example.com"])
    upstream.finish()
    expect(widget.button("Good answer")).to_be_visible()
    expect(widget.panel.locator(".sources li")).to_have_count(1)
    assert widget.panel.locator("a[href]").count() == 0


def test_reasoning_is_folded_away_until_it_is_asked_for(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.ask("Why?")
    upstream.send({"type": "reasoning-delta", "id": "r", "delta": "It may be the *wind*."})
    thinking = widget.panel.get_by_text("Thinking")
    expect(thinking).to_be_visible()
    expect(widget.panel.get_by_text("It may be")).to_have_count(0)
    upstream.say("The wind.")
    upstream.finish()
    expect(widget.button("Good answer")).to_be_visible()
    folded = widget.panel.get_by_text("Reasoning")
    folded.focus()
    widget.page.keyboard.press("Enter")
    expect(widget.panel.locator(".reasoning em")).to_have_text("wind")
    widget.page.keyboard.press("Enter")
    expect(widget.panel.locator(".reasoning em")).to_have_count(0)


@pytest.mark.parametrize("answer_id", ["like", "dislike"])
def test_a_rating_is_taken_back_by_pressing_it_again(
    widget: Widget, upstream: ToldUpstream, answer_id: str
) -> None:
    answer(widget, upstream, "The wind.")
    button = widget.button("Good answer" if answer_id == "like" else "Bad answer")
    sent: list[object] = []
    widget.page.on(
        "request",
        lambda request: sent.append(request.post_data_json) if "feedback" in request.url else None,
    )
    for wanted in ("true", "false"):
        button.focus()
        button.press("Enter")
        expect(button).to_have_attribute("aria-pressed", wanted)
    assert sent == [{"feedback": answer_id}, {"feedback": None}]


PASSAGE_PAGE = (
    "<p id=first>The first lamp\n   stood on <b>the pier</b>.</p>"
    f"{FILLER}<p id=last>The last keeper&nbsp;locked the door in 1961.</p>"
)


def wait_for_marked(page: Page, *passages: str) -> None:
    page.wait_for_function(f"(wanted) => `${{({MARKED})()}}` === wanted", arg=",".join(passages))


def cite_passage(widget: Widget, upstream: ToldUpstream, text: str) -> None:
    """An answer whose source is a passage of the page it is on."""
    answer(
        widget, upstream, f'So it [ended][1].\n\n[1]: {widget.page.url}#:~:text={text} "The page"\n'
    )


def test_a_passage_of_this_page_is_marked_there_under_the_strictest_policy(
    page: Page, pages: HostPages, told_proxy: RunningProxy, upstream: ToldUpstream
) -> None:
    policy = STRICT.format(proxy=told_proxy.at(PROXY_HOST))
    widget = Widget(page, pages, told_proxy)
    widget.visit(body=PASSAGE_PAGE, headers={"Content-Security-Policy": policy})
    widget.open()
    cite_passage(widget, upstream, "The%20last%20keeper,in%201961")
    page.emulate_media(reduced_motion="reduce")
    tabs = len(page.context.pages)
    widget.panel.locator(".citation").click()
    wait_for_marked(page, "The last keeper\u00a0locked the door in 1961")
    expect(page.locator("#last")).to_be_in_viewport()
    assert len(page.context.pages) == tabs
    assert page.locator("mark").count() == 0
    spoken = page.locator("asklight-widget [aria-live=polite]")
    expect(spoken).to_contain_text("The passage is marked on the page.")
    page.keyboard.press("Escape")
    assert page.evaluate(MARKED) == []
    assert page.evaluate("document.adoptedStyleSheets.length") == 0
    expect(widget.panel).to_be_visible()
    page.keyboard.press("Escape")
    expect(widget.panel).to_be_hidden()


def test_the_mark_on_a_passage_has_the_markers_colour_and_goes_with_the_next_click(
    page: Page, pages: HostPages, told_proxy: RunningProxy, upstream: ToldUpstream
) -> None:
    widget = Widget(page, pages, told_proxy)
    widget.visit(body=PASSAGE_PAGE)
    widget.open()
    cite_passage(widget, upstream, "first%20lamp%20stood%20on%20the%20pier")
    source = widget.panel.locator(".sources").get_by_role("link")
    source.focus()
    source.press("Enter")
    wait_for_marked(page, "first lamp\n   stood on the pier")
    rule = page.evaluate("document.adoptedStyleSheets[0].cssRules[0].cssText")
    assert "background-color: rgb(255, 225, 74)" in rule or "#ffe14a" in rule.lower()
    source.press("Enter")
    wait_for_marked(page, "first lamp\n   stood on the pier")
    page.locator("#first").click()
    assert page.evaluate(MARKED) == []


def test_a_passage_that_is_no_longer_there_opens_as_any_source_does(
    widget: Widget, upstream: ToldUpstream
) -> None:
    cite_passage(widget, upstream, "Never%20said")
    with widget.page.context.expect_page() as opened:
        widget.panel.locator(".citation").click()
    assert opened.value.url.split("#")[0] == widget.page.url


def test_on_a_phone_the_panel_makes_way_for_the_passage(
    browser: Browser, pages: HostPages, told_proxy: RunningProxy, upstream: ToldUpstream
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, reduced_motion="reduce")
    widget = Widget(context.new_page(), pages, told_proxy)
    widget.visit(body=PASSAGE_PAGE)
    widget.open()
    cite_passage(widget, upstream, "The%20last%20keeper,in%201961")
    widget.panel.locator(".citation").click()
    expect(widget.panel).to_be_hidden()
    expect(widget.page.locator("#last")).to_be_in_viewport()
    assert len(widget.page.evaluate(MARKED)) == 1
    context.close()


WIDE = (
    "| " + " | ".join(f"a rather long heading {n}" for n in range(8)) + " |\n" + "|---" * 8 + "|\n"
    "| " + " | ".join("unbreakable" * 4 for _ in range(8)) + " |\n\n"
    f"```text\n{'x' * 400}\n```\n\n$$\n{'y + ' * 200}z\n$$\n\n{'w' * 300}\n\n`{'v' * 300}`\n\n"
    f"[{'l' * 200}](https://example.com/{'p' * 200})\n\n$x_{'1' * 200}$\n"
)


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 800), (640, 400), (320, 256)])
def test_what_is_wide_scrolls_by_itself_and_the_panel_never_sideways(
    browser: Browser,
    pages: HostPages,
    told_proxy: RunningProxy,
    upstream: ToldUpstream,
    width: int,
    height: int,
) -> None:
    """320 by 256 is what a window of 1280 by 1024 has left at 400 %."""
    context = browser.new_context(viewport={"width": width, "height": height})
    widget = Widget(context.new_page(), pages, told_proxy)
    widget.visit()
    widget.open()
    answer(widget, upstream, WIDE)
    sideways = widget.panel.evaluate(
        """panel => [panel, ...panel.querySelectorAll('.log, .log-content, .answer, .prose')]
        .filter(box => box.scrollWidth > box.clientWidth + 1).map(box => box.className)"""
    )
    assert sideways == []
    scrolling = widget.panel.evaluate(
        """panel => [...panel.querySelectorAll('.wide, pre, p.math')]
        .map(box => [box.scrollWidth > box.clientWidth, box.tabIndex])"""
    )
    assert scrolling == [[True, 0]] * 3
    context.close()


def test_each_block_has_the_direction_of_its_own_text(
    widget: Widget, upstream: ToldUpstream
) -> None:
    answer(
        widget,
        upstream,
        "هبت الريح.\n\nThe wind.\n\n- واحد\n- اثنان\n\n> قال\n\n```js\nlet a;\n```\n\n|أ|ب|\n|-|-|\n|1|2|\n",
    )
    directions = widget.answers.evaluate(
        """prose => [...prose.querySelectorAll('ul, blockquote, pre code, table')]
        .map(element => [element.localName, getComputedStyle(element).direction])"""
    )
    assert directions == [["ul", "rtl"], ["blockquote", "rtl"], ["code", "ltr"], ["table", "rtl"]]
    # The space beside the text of a paragraph, left and right of it.
    spaces = widget.answers.evaluate(
        """prose => [...prose.querySelectorAll('p')].map((paragraph) => {
          const range = document.createRange();
          range.selectNodeContents(paragraph);
          const [box, text] = [paragraph.getBoundingClientRect(), range.getBoundingClientRect()];
          return text.left - box.left > box.right - text.right ? 'right' : 'left';
        })"""
    )
    assert spaces == ["right", "left", "right"]
