"""Hostile answers in a real browser: nothing runs and nothing is loaded, however they come in pieces.

The texts are those of ``tests/fixtures/answers/hostile.json``, drawn by the module the panel loads. The control sets
the same texts as markup: then scripts run and requests go out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

from support.servers import HostPages, RunningProxy
from support.widget import HOST, PROXY_HOST

FIXTURE = Path(__file__).parents[1] / "fixtures" / "answers" / "hostile.json"
STATIC = Path(__file__).parents[2] / "proxy" / "asklight" / "site" / "static"

DRAW = """async ([module, texts]) => {
  const { AnswerDrawing } = await import(module);
  const words = { copyCode: 'Copy', copied: 'Copied', sources: 'Sources' };
  for (const text of texts) {
    const box = document.body.appendChild(document.createElement('div'));
    const life = new AbortController();
    const drawing = new AnswerDrawing(box, { words, passages: undefined, signal: life.signal });
    const source = { url: text, title: text };
    const button = { label: text, href: text, isPrimary: true };
    const extras = { reasoning: '', sources: [source], buttons: [button] };
    for (let end = 0; end < text.length; end += 1 + (end % 5))
      drawing.show({ text: text.slice(0, end), extras, isOpen: true });
    drawing.show({ text, extras, isOpen: false });
    if (box.querySelector('[href], [src], [style], script, iframe, img, svg, form, input'))
      throw new Error(text);
    life.abort();
    if (document.body.childElementCount > 50) document.body.replaceChildren();
  }
  await new Promise((done) => setTimeout(done, 300));
}"""

SET_AS_MARKUP = """async (texts) => {
  for (const text of texts) {
    const box = document.body.appendChild(document.createElement('div'));
    box.innerHTML = text;
  }
  await new Promise((done) => setTimeout(done, 500));
}"""


def texts() -> list[str]:
    """Every hostile text."""
    hostile = json.loads(FIXTURE.read_text(encoding="utf-8"))
    return [
        *hostile["whole"],
        *(
            context.replace("ADDRESS", address)
            for context, address in product(hostile["addressContexts"], hostile["addresses"])
        ),
        *(
            context.replace("MARKUP", markup)
            for context, markup in product(hostile["markupContexts"], hostile["markup"])
        ),
    ]


class Watch:
    """What a page did that it should not: scripts that ran, and requests."""

    def __init__(self, page: Page) -> None:
        self.ran: list[str] = []
        self.requested: list[str] = []
        self._page = page
        page.expose_function("noteRun", lambda what: self.ran.append(what))
        page.add_init_script("window.alert = (what) => void noteRun(String(what))")
        page.on("popup", lambda popup: self.requested.append(popup.url))

    def begin(self) -> None:
        """From here on every request but the module's own counts, and none goes out."""
        self._page.route("**/*", self._note)

    def _note(self, route: Route) -> None:
        if re.search(r"/assets/[\w.-]+\.js$", route.request.url):
            return route.continue_()
        self.requested.append(route.request.url)
        return route.abort()


@pytest.fixture
def watch(page: Page, pages: HostPages) -> Iterator[Watch]:
    """An empty page that is watched."""
    watch = Watch(page)
    pages.put("/empty", "<!doctype html><title>Empty</title><body></body>")
    page.goto(pages.at(HOST, "/empty"))
    watch.begin()
    yield watch


def test_nothing_runs_and_nothing_is_loaded(
    page: Page, watch: Watch, told_proxy: RunningProxy
) -> None:
    (module,) = (STATIC / "assets").glob("answer-drawing-*.js")
    every = texts()
    page.evaluate(DRAW, [f"{told_proxy.at(PROXY_HOST)}/assets/{module.name}", every])
    assert len(every) > 3_000
    assert watch.ran == []
    assert watch.requested == []


def test_set_as_markup_the_same_texts_run_and_load(page: Page, watch: Watch) -> None:
    # A refresh would take the page away before the rest has run.
    page.evaluate(SET_AS_MARKUP, [text for text in texts() if "refresh" not in text])
    assert len(watch.ran) > 50
    assert len({url for url in watch.requested if "evil.example" in url}) > 10
