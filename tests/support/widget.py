"""The widget on somebody's page, as a visitor sees it and works with it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from playwright.sync_api import Locator, Page

from support.servers import HostPages, RunningProxy

ARTICLE = """\
<p id="first">The first lamp stood on the pier for a hundred years.</p>
<p id="second">A lamp needs a keeper. Every evening the keeper climbed the stairs and lit it by hand.</p>
<h2>Why it went out</h2>
<p id="third">Electric light needs nobody on the stairs, and so the last keeper locked the door in 1961.</p>
<label>Secret <input id="secret" type="password" value="hunter2"></label>
"""

Fault = tuple[str, list[tuple[object, str]]]
"""A rule of axe-core's that something breaks, with its places and reasons."""

RUN_AXE = """() => {
  const widgets = document.querySelectorAll("asklight-widget");
  const whole = widgets.length ? [...widgets] : document;
  return axe.run(whole, { resultTypes: ["violations"], iframes: false });
}"""
"""On the widget, or on all of a page that is nothing else."""

HOLD_READING = """() => {
  const Real = MessageChannel, held = [];
  globalThis.MessageChannel = class {
    constructor() {
      const { port1, port2 } = new Real();
      this.port1 = port1;
      this.port2 = { postMessage: (message) => held.push(() => port2.postMessage(message)) };
    }
  };
  globalThis.goOnReading = () => {
    globalThis.MessageChannel = Real;
    for (const post of held) post();
  };
}"""
"""The page is not read before a test says so: reading pauses by a channel to let the page draw."""

OPENING = '<!doctype html><html lang="en">'

HOST = "a.localhost"
PROXY_HOST = "b.localhost"
"""Another site than `HOST`, as a browser counts sites; of one machine."""

PANEL = re.compile(r"/assets/panel-")
"""The panel's module, at whatever attempt."""

DRESSED = "asklight-widget .hide, asklight-widget .disc:visible"
"""The launcher has the site's look, or does without."""

SELECT = """(selector) => {
  const range = document.createRange();
  range.selectNodeContents(document.querySelector(selector));
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""


def page_with_widget(
    proxy: RunningProxy,
    *,
    attributes: str = "",
    body: str = ARTICLE,
    head: str = "",
    opening: str = OPENING,
) -> str:
    """A page of another site that carries the tag."""
    source = f"{proxy.at(PROXY_HOST)}/embed.js"
    return (
        f"{opening}<head><meta charset='utf-8'><title>The lamp</title>{head}</head>"
        f"<body><main><h1>The lamp</h1>{body}</main>"
        f'<script src="{source}" data-site="demo" {attributes} async></script></body></html>'
    )


def page_with_element(proxy: RunningProxy, attributes: str = "", *, head: str = "") -> str:
    """A page of another site that gives the assistant a place of its own."""
    source = f"{proxy.at(PROXY_HOST)}/element.js"
    return (
        f"{OPENING}<head><meta charset='utf-8'><title>The lamp</title>{head}"
        f'<script type="module" src="{source}"></script></head>'
        f"<body><main><h1>The lamp</h1>{ARTICLE}</main>"
        f'<asklight-widget data-site="demo" {attributes}></asklight-widget></body></html>'
    )


class Widget:
    """The widget on the page in a tab. `head` stands in the head of every page it is visited on."""

    def __init__(
        self, page: Page, pages: HostPages, proxy: RunningProxy, *, head: str = ""
    ) -> None:
        self.page = page
        self._head = head
        self._pages = pages
        self._proxy = proxy

    def visit(
        self,
        *,
        attributes: str = "",
        headers: Mapping[str, str] | None = None,
        body: str = ARTICLE,
        head: str = "",
        opening: str = OPENING,
    ) -> None:
        """Goes to a page with the widget on it and waits for the launcher."""
        html = page_with_widget(
            self._proxy, attributes=attributes, body=body, head=self._head + head, opening=opening
        )
        self._pages.put("/", html, headers)
        self.page.goto(self._pages.at(HOST))
        self.page.locator(DRESSED).first.wait_for(state="attached")

    def visit_element(self, attributes: str = "") -> None:
        """Goes to a page that gives the assistant a place of its own."""
        self._pages.put("/element", page_with_element(self._proxy, attributes, head=self._head))
        self.page.goto(self._pages.at(HOST, "/element"))

    @property
    def proxy_address(self) -> str:
        """Where its script comes from."""
        return self._proxy.at(PROXY_HOST)

    def kept_as(self, name: str) -> str:
        """The key something of the visitor's is kept under."""
        return f"asklight:{self.proxy_address}:demo:{name}"

    def kept(self, name: str) -> str | None:
        """What is kept in the browser for every tab."""
        kept: str | None = self.page.evaluate(
            "(key) => localStorage.getItem(key)", self.kept_as(name)
        )
        return kept

    @property
    def launcher(self) -> Locator:
        return self.button("Ask about this page")

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def question(self) -> Locator:
        return self.panel.get_by_label("Your question")

    @property
    def answers(self) -> Locator:
        """What the assistant said, as text on paper."""
        return self.panel.locator(".prose")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def chip(self, name: str) -> Locator:
        """The chip of a part, by its name or, for a selection, by its text."""
        return self.panel.locator(".chip").filter(has_text=name)

    def open(self) -> None:
        self.launcher.click()
        self.question.wait_for()

    def ask(self, question: str) -> None:
        self.question.fill(question)
        self.question.press("Enter")

    def select(self, selector: str) -> None:
        """Selects the text of an element."""
        self.page.evaluate(SELECT, selector)

    def axe(self, axe_source: str) -> tuple[list[Fault], int]:
        """What axe-core finds wrong with it as it stands, in a frame too; how many of its rules passed."""
        faults: list[Fault] = []
        passes = 0
        for frame in self.page.frames:
            if frame.evaluate("typeof axe") == "undefined":
                frame.evaluate(axe_source)
            found = frame.evaluate(RUN_AXE)
            passes += len(found["passes"])
            for fault in found["violations"]:
                nodes = [(node["target"], node["failureSummary"]) for node in fault["nodes"]]
                faults.append((fault["id"], nodes))
        return faults, passes
