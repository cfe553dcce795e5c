"""The widget in Firefox and in WebKit: what a visitor does with it, from the tag to the answer.

One flow in each shows what could differ from one engine to the next; what cannot is tested in Chromium alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from support.hostile_hosts import HIT, HOSTS, LOOK, Host
from support.servers import HostPages, RunningProxy, running_proxy
from support.told import ToldUpstream
from support.webdriver import Tab, firefox, webkit
from support.widget import (
    ARTICLE,
    HOST,
    PROXY_HOST,
    SELECT,
    page_with_element,
    page_with_widget,
)

ENGINES: Final = {"Firefox": firefox, "WebKit": webkit}

TABLE_AND_CODE: Final = """
| when | what |
|---|--:|
| 1961 | dark |

```python
def burn(self, hours: int = 8) -> str:  # longer than the panel is wide, and so it is scrolled sideways
```
"""

FIELD: Final = "all('textarea')[0]"
NOT_KEPT: Final = "the chat ends when the page reloads"


@pytest.fixture(scope="module", params=ENGINES)
def tab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with ENGINES[request.param](tmp_path_factory.mktemp("browser")) as opened:
        yield opened


def strictest(proxy: RunningProxy) -> dict[str, str]:
    """The headers of a page that allows nothing but the proxy's scripts and connections to it."""
    address = proxy.at(PROXY_HOST)
    policy = (
        f"default-src 'none'; script-src {address}; connect-src {address}; style-src 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    return {"Content-Security-Policy": policy}


def text_of_log(tab: Tab) -> str:
    text: str = tab.evaluate("texts('.log')[0]")
    return text


def test_a_selection_is_asked_about_and_the_answer_drawn_as_it_comes(
    tab: Tab, pages: HostPages, told_proxy: RunningProxy, upstream: ToldUpstream
) -> None:
    pages.put("/asked", page_with_widget(told_proxy), strictest(told_proxy))
    tab.goto(pages.at(HOST, "/asked"))
    tab.wait_for("button('Ask about this page')")

    # A selection made with the mouse is offered, and marked once it was taken.
    left, top, _, height = tab.place("document.querySelector('#second')")
    tab.drag((left + 1, top + height / 2), (left + 120, top + height / 2))
    selected = tab.wait_for("String(getSelection())")
    assert "A lamp needs".startswith(selected[:12])
    assert "A lamp needs a keeper. Every evening".startswith(selected)
    tab.press("Ask about this")
    tab.wait_for(f"focused() == {FIELD}")
    parts = [f"Selection, {selected.strip()}", "Paragraph", "Page text", "Title", "Address"]
    chips = [f"Show what is sent: {part}" for part in parts]
    tab.becomes("texts('.chip-open').map((text) => text.replace(/[^a-z]*$/, ''))", chips)
    assert tab.evaluate("[...CSS.highlights.values()].flatMap((one) => [...one].map(String))") == [
        selected
    ]

    # The field grows with the question; what comes is drawn while more is on its way.
    low = tab.evaluate(f"{FIELD}.clientHeight")
    tab.keys(*"Why?", "Shift+Enter", *"When?", "Shift+Enter")
    tab.wait_for(f"{FIELD}.clientHeight >= {low} + 40")
    tab.keys("Enter")
    upstream.say("The **wind** took it.\n\n")
    tab.wait_for("texts('.prose strong').includes('wind')")
    tab.wait_for("button('Stop')")
    upstream.say(TABLE_AND_CODE)
    tab.wait_for("texts('.prose td').includes('dark')")
    upstream.finish()
    tab.wait_for("button('Good answer') && button('Copy code')")
    asked = upstream.asked[-1]
    assert asked["content"] == "Why?\nWhen?"
    assert asked["pageContext"]["textSelection"] == selected.strip()
    # Not through the page's own: its colour tells that the highlighter came, under this policy too.
    tab.wait_for(
        "new Set(all('.prose pre span').map((one) => getComputedStyle(one).color)).size > 1"
    )
    if (
        tab.name == "Firefox"
    ):  # where bars take room of their own: they show the ground they stand on
        for scrolled in (".prose pre", ".log"):
            bar = tab.evaluate(f"getComputedStyle(all('{scrolled}')[0]).scrollbarColor")
            assert bar.endswith(" rgba(0, 0, 0, 0)"), scrolled
    assert tab.evaluate("all('.prose pre')[0].scrollWidth > all('.prose pre')[0].clientWidth")
    assert tab.evaluate("all('.log')[0].scrollWidth == all('.log')[0].clientWidth")

    # The next one is stopped, and is there again after a reload where the browser keeps the cookie.
    tab.wait_for(f"focused() == {FIELD}")
    tab.keys(*"And then?", "Enter")
    upstream.say("Some words ")
    tab.wait_for("texts('.prose').at(-1).includes('Some words')")
    tab.press("Stop")
    tab.wait_for("texts('.log')[0].includes('You stopped this answer')")
    upstream.fall_silent()
    is_kept = not tab.evaluate(f"texts('.edges')[0]?.includes({NOT_KEPT!r})")
    assert is_kept == (tab.name == "Firefox")
    tab.reload()
    tab.press("Ask about this page")
    tab.wait_for(f"focused() == {FIELD}")
    if is_kept:
        tab.wait_for("texts('.prose strong').includes('wind')")
    assert tab.complaints() == []


def test_on_the_first_run_the_conversation_is_there_again_after_a_reload(
    tab: Tab, told_proxy: RunningProxy, upstream: ToldUpstream
) -> None:
    """WebKit keeps no secure cookie over plain http, not from this machine either."""
    tab.goto(told_proxy.at("localhost"))
    tab.press("Ask about this page")
    tab.wait_for(f"focused() == {FIELD}")
    tab.keys(*"Who?", "Enter")
    upstream.say("The keeper.")
    upstream.finish()
    tab.wait_for("button('Good answer')")
    assert NOT_KEPT not in tab.evaluate("texts('.asklight')[0]")
    tab.reload()
    tab.press("Ask about this page")
    tab.becomes("texts('.prose')", ["The keeper."])
    # The whole page is of the same origin, and so the chat stands there too.
    tab.goto(told_proxy.at("localhost") + "/chat?site=demo")
    tab.becomes("texts('.prose')", ["The keeper."])


def test_by_keyboard_alone(tab: Tab, pages: HostPages, told_proxy: RunningProxy) -> None:
    pages.put("/keys", page_with_widget(told_proxy))
    tab.goto(pages.at(HOST, "/keys"))
    tab.wait_for("button('Ask about this page')")
    tab.keys("Tab")
    tab.wait_for("focused() == all('#secret')[0]")
    tab.keys("Tab")
    tab.wait_for("focused() == button('Ask about this page')")
    assert tab.evaluate("getComputedStyle(focused()).outlineStyle") == "solid"
    tab.keys("Enter")
    tab.wait_for(f"focused() == {FIELD}")
    tab.becomes("all('.chip').length", 3)
    tab.keys("Shift+Tab")
    tab.becomes("focused().ariaLabel", "Leave out: Address")
    tab.keys("Shift+Tab")
    tab.becomes("focused().textContent.startsWith('Show what is sent: Address')", True)
    tab.keys("Enter")
    tab.wait_for("texts('[role=region]').some((one) => one.includes('/keys'))")
    tab.keys("Escape")
    tab.becomes("all('[role=region]').length", 0)
    tab.keys("Escape")
    tab.wait_for("focused() == button('Ask about this page')")
    tab.keys("Alt+Shift+A")
    tab.wait_for(f"focused() == {FIELD}")


def test_it_stands_where_the_page_gives_it_a_place(
    tab: Tab, pages: HostPages, told_proxy: RunningProxy, upstream: ToldUpstream
) -> None:
    attributes = 'data-mode="side" data-open data-theme="dark" data-lang="ar"'
    pages.put("/beside", page_with_widget(told_proxy, attributes=attributes))
    tab.goto(pages.at(HOST, "/beside"))
    tab.wait_for(FIELD)
    width = tab.evaluate("innerWidth")
    tab.becomes("box(all('.asklight')[0]).slice(0, 3)", [width - 400, 0, 400])
    tab.becomes("all('main')[0].getBoundingClientRect().right", width - 400 - 8)
    assert tab.evaluate("getComputedStyle(all('.log')[0]).direction") == "rtl"
    assert tab.evaluate("getComputedStyle(all('.asklight')[0]).color") == "rgb(244, 241, 232)"
    assert tab.evaluate("box(all('.bar-title')[0])[0] > box(all('.bar button').at(-1))[0]")

    pages.put(
        "/own", page_with_element(told_proxy, 'style="height: 514px; box-sizing: border-box"')
    )
    tab.goto(pages.at(HOST, "/own"))
    tab.wait_for(FIELD)
    tab.becomes("box(all('asklight-widget')[0]).slice(2)", [width - 16, 514])
    tab.wait_for(f"box({FIELD})[1] > box(all('asklight-widget')[0])[1] + 400")

    tab.goto(told_proxy.at(HOST) + "/chat?site=demo")
    tab.wait_for(FIELD)
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    tab.click(FIELD)
    upstream.hand_over()
    tab.keys(*"Anybody?", "Enter")
    tab.wait_for("!!all('.edges .notice')[0]")
    lefts = "all('.edges .notice, .composer-box').map((one) => box(one)[0])"
    assert set(tab.evaluate(lefts)) == {width / 2 - 560 / 2}
    assert tab.evaluate("box(all('.edges')[0]).filter((_, side) => side % 2 == 0)") == [0, width]
    # In a window as wide as a telephone nothing is beside the panel. No window is so narrow, a frame is.
    body = '<iframe src="/beside" style="width: 390px; height: 700px; border: 0"></iframe>'
    pages.put("/narrow", f"<!doctype html><title>Narrow</title>{body}")
    tab.goto(pages.at(HOST, "/narrow"))
    inside = "everywhere(document.querySelector('iframe').contentDocument, '.asklight')[0]"
    tab.wait_for(f"!!{inside}")
    tab.becomes(f"box({inside})", [0, 0, 390, 700])


Look = list[dict[str, str]]

PLACES: Final = {
    *("box", "top", "right", "bottom", "left"),
    *(f"inset-{axis}-{side}" for axis in ("block", "inline") for side in ("start", "end")),
}
"""Bars for scrolling take room from the window where a page needs them."""

HARD: Final = (
    "a plain page",
    "a style for everything",
    "a transform on the root",
    "a root that reads down",
    "something over everything, later",
    "frozen prototypes",
    "shadow roots one cannot see",
    "a trap for the focus",
    "a policy with a nonce",
)
"""Of the hostile pages those where engines differ most."""


@pytest.fixture(scope="module")
def everyones(
    tmp_path_factory: pytest.TempPathFactory, upstream: ToldUpstream
) -> Iterator[RunningProxy]:
    """The proxy for pages on any name of this machine: what one of them keeps no other finds."""
    with running_proxy(tmp_path_factory.mktemp("data"), upstream.environment) as running:
        yield running


def converse_on(tab: Tab, host: Host, upstream: ToldUpstream) -> Look:
    """What is done on such pages in Chromium too, by mouse and keys; gives how the panel looks, wherever it stands."""
    launcher = "button('Ask about this page')"
    tab.wait_for(launcher)
    tab.becomes(f"({HIT})({launcher})", [56, 56])
    tab.drag(tab.middle(launcher))
    tab.wait_for(f"{FIELD} && focused() == {FIELD}")
    tab.run(host.late)
    upstream.say("By the **keeper**, ")
    tab.keys(*"Who?", "Enter")
    tab.becomes("texts('.prose')", ["By the keeper, "])
    upstream.say("with `a match`.")
    upstream.finish()
    tab.wait_for("button('Good answer')")
    assert tab.evaluate("texts('.prose')") == ["By the keeper, with a match."]
    assert upstream.asked[-1]["content"] == "Who?"
    assert "A lamp needs a keeper." in upstream.asked[-1]["pageContext"]["content"]
    parts = tab.evaluate(f"({LOOK})(all('.asklight')[0])")
    look = [{name: part[name] for name in part.keys() - PLACES} for part in parts]

    tab.drag(tab.middle("button('Close')"))
    tab.run("document.querySelector('#own').scrollIntoView({ block: 'nearest' })")
    tab.drag((5, 5) if host.is_covered else tab.middle("document.querySelector('#own')"))
    tab.becomes("document.querySelector('#done').textContent", host.own)
    tab.run("document.querySelector('#field').focus()")
    tab.keys("a", "s")
    tab.becomes("document.querySelector('#field').value", "as")
    tab.run("document.querySelector('#field').blur()")
    tab.run(f"({SELECT})('#second')")
    tab.wait_for("button('Explain')")
    tab.wait_for(f"({HIT})(button('Ask about this'))")
    tab.drag(tab.middle("button('Ask about this')"))
    tab.wait_for("texts('.chip.selection').some((one) => one.includes('A lamp needs a keeper.'))")
    return look


def test_it_works_where_a_guest_has_it_hard(
    tab: Tab, pages: HostPages, everyones: RunningProxy, upstream: ToldUpstream
) -> None:
    plain: Look = []
    for number, name in enumerate(HARD):
        host = HOSTS[name]
        html = page_with_widget(
            everyones,
            attributes=host.attributes,
            head=host.whole_head,
            body=ARTICLE + host.whole_body,
            opening=host.opening,
        )
        pages.put("/", html, host.headers_for(everyones.at(PROXY_HOST)))
        tab.goto(pages.at(f"host{number}.localhost"))
        try:
            look = converse_on(tab, host, upstream)
        except (AssertionError, TimeoutError) as fault:
            raise AssertionError(f"on {name}") from fault
        plain = plain or look
        for old, new in zip(plain, look, strict=True):
            assert {key: new[key] for key in new if new[key] != old[key]} == {}, name
