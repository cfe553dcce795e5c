"""However its script comes to a page, and whatever becomes of the page then, there is one widget for a site."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from asklight.app import create_app
from asklight.configure import load_settings
from browser.conftest import launch_options
from support.servers import HostPages, RunningProxy, running_proxy, serving
from support.told import ToldUpstream, told_upstream
from support.widget import ARTICLE, HOST, PROXY_HOST, SELECT, Widget

TAG = '<script src="{source}" data-site="demo"></script>'

WRITTEN = TAG.replace("</", r"<\/")
"""As it may stand within a script."""

INJECT = """
const script = document.createElement('script');
Object.assign(script, { async: true, src: '{source}' });
script.dataset.site = 'demo';
document.head.append(script);
"""

WAYS = {
    "at the end": f"{ARTICLE}{TAG}",
    "in the head": f"<head>{TAG}</head>{ARTICLE}",
    "async": f"<head>{TAG.replace('src', 'async src')}</head>{ARTICLE}",
    "deferred": f"<head>{TAG.replace('src', 'defer src')}</head>{ARTICLE}",
    "as a module": f"<head>{TAG.replace('src', 'type=module src')}</head>{ARTICLE}",
    "twice": f"<head>{TAG}</head>{ARTICLE}{TAG}{TAG.replace('src', 'type=module src')}",
    "written": f"<head><script>document.write(`{WRITTEN}`)</script></head>{ARTICLE}",
    "by a tag manager": f"<head><script>{INJECT}</script></head>{ARTICLE}",
    "by one that takes its tag away": f"<head><script>{INJECT}script.remove()</script></head>{ARTICLE}",
    "long after the page": f"{ARTICLE}<script>addEventListener('load', () => setTimeout(() => {{ {INJECT} }}, 50))</script>",
    "by a page that writes itself anew": f"<script>addEventListener('load', () => {{ document.open();"
    f"document.write(`{ARTICLE}{WRITTEN}`); document.close() }})</script>",
}
"""Pages, with where the script is in place of `{source}`."""


@pytest.fixture
def wrong(page: Page) -> list[str]:
    """What goes wrong on the page."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    return wrong


def ask(widget: Widget) -> None:
    widget.ask("Who lit the lamp?")
    expect(widget.answers.last).to_contain_text("Every evening the keeper climbed the stairs")
    expect(widget.button("Good answer").last).to_be_visible()


@pytest.mark.parametrize("way", WAYS)
def test_it_comes(
    way: str, page: Page, pages: HostPages, site: RunningProxy, wrong: list[str]
) -> None:
    html = WAYS[way].replace("{source}", f"{site.at(PROXY_HOST)}/embed.js")
    pages.put("/", f"<!doctype html><title>The lamp</title>{html}")
    page.goto(pages.at(HOST))
    widget = Widget(page, pages, site)
    widget.open()
    expect(widget.chip("Page text")).to_be_visible()
    ask(widget)
    expect(page.locator("asklight-widget")).to_have_count(1)
    assert page.evaluate("document.documentElement.lastElementChild.localName") == "asklight-widget"
    assert wrong == []


def test_two_sites_stand_beside_each_other_and_know_nothing_of_each_other(
    page: Page, pages: HostPages, site: RunningProxy, tmp_path: Path, wrong: list[str]
) -> None:
    config = tmp_path / "sites.toml"
    config.write_text(f'[[sites]]\nid = "harbour"\norigins = ["{pages.at(HOST, "")}"]\n', "utf-8")
    settings = load_settings(
        {"ASKLIGHT_DATA_DIR": str(tmp_path / "data"), "ASKLIGHT_CONFIG": str(config)}
    )
    with serving(create_app(settings)) as port:
        other = RunningProxy(port)
        harbour = f'<script src="{other.at("c.localhost")}/embed.js" data-site="harbour" data-position="bottom-left"></script>'
        demo = TAG.replace("{source}", f"{site.at(PROXY_HOST)}/embed.js")
        pages.put("/", f"<!doctype html><title>The lamp</title>{ARTICLE}{demo}{harbour}{demo}")
        page.goto(pages.at(HOST))
        hosts = page.locator("asklight-widget")
        expect(hosts).to_have_count(2)
        for n in range(2):
            hosts.nth(n).get_by_role("button", name="Ask about this page").click()
            expect(hosts.nth(n).get_by_label("Your question")).to_be_focused()
        for n in range(2):
            panel = hosts.nth(n).get_by_role("dialog")
            question = panel.get_by_label("Your question")
            question.fill("Who lit the lamp?")
            question.press("Enter")
            expect(panel.locator(".prose")).to_contain_text("climbed the stairs")
            expect(panel.locator(".bubble")).to_have_count(1)
        hosts.nth(0).get_by_role("button", name="Close").click()
        expect(hosts.nth(1).get_by_role("dialog")).to_be_visible()
        demos, harbours = (
            page.locator(f"asklight-widget[slot$={name}]") for name in ("demo", "harbour")
        )
        page.evaluate("Asklight('open')")
        expect(harbours.get_by_role("dialog")).to_be_visible()
        page.evaluate("Asklight('ask', 'Who has the key?')")
        asked = harbours.get_by_label("Your question")
        expect(asked).to_have_value("Who has the key?")
        expect(demos.locator("textarea")).to_have_value("")
        assert wrong == []


def test_two_sites_in_one_corner_do_not_lie_on_each_other(
    page: Page, pages: HostPages, site: RunningProxy, tmp_path: Path, wrong: list[str]
) -> None:
    with running_proxy(tmp_path, {"ASKLIGHT_ORIGINS": pages.at(HOST, "")}) as other:
        tags = [
            TAG.replace("{source}", f"{proxy.at(name)}/embed.js")
            for proxy, name in ((site, PROXY_HOST), (other, "c.localhost"))
        ]
        pages.put("/", f"<!doctype html><title>The lamp</title>{ARTICLE}{''.join(tags)}")
        page.goto(pages.at(HOST))
        hosts = page.locator("asklight-widget")
        discs = [hosts.nth(n).get_by_role("button", name="Ask about this page") for n in range(2)]
        for disc in discs:
            expect(disc).to_be_visible()
        lower, upper = (disc.bounding_box() for disc in discs)
        assert lower and upper
        assert upper["x"] == lower["x"]
        assert 8 <= lower["y"] - (upper["y"] + upper["height"]) <= 16
        # Both could be asked about a selection: the first one offers it, and is opened by the key.
        page.evaluate(SELECT, "#second")
        first, second = (hosts.nth(n).get_by_text("Ask about this", exact=True) for n in range(2))
        expect(hosts.nth(0).get_by_role("button", name="Explain")).to_be_visible()
        expect(first).to_be_visible()
        expect(second).to_be_hidden()
        page.keyboard.press("Alt+Shift+A")
        expect(first).to_be_focused()
        page.keyboard.press("Enter")
        expect(hosts.nth(0).get_by_label("Your question")).to_be_focused()
        expect(hosts.nth(1).get_by_role("dialog")).to_have_count(0)
        # Nothing stands on the open panel.
        expect(discs[1]).to_be_hidden()
        page.keyboard.press("Escape")
        discs[1].click()
        expect(hosts.nth(1).get_by_label("Your question")).to_be_focused()
        expect(discs[0]).to_be_hidden()
        page.evaluate("Asklight('destroy')")
        expect(discs[0]).to_be_visible()
        assert wrong == []


def test_two_sites_answer_at_the_same_time_each_in_its_own_panel(
    page: Page,
    pages: HostPages,
    told_proxy: RunningProxy,
    upstream: ToldUpstream,
    tmp_path: Path,
    wrong: list[str],
) -> None:
    with told_upstream() as elsewhere:
        origins = {"ASKLIGHT_ORIGINS": pages.at(HOST, "")}
        with running_proxy(tmp_path, {**elsewhere.environment, **origins}) as other:
            one = TAG.replace("{source}", f"{told_proxy.at(PROXY_HOST)}/embed.js")
            two = TAG.replace("{source}", f"{other.at('c.localhost')}/embed.js").replace(
                "data-site", 'data-position="bottom-left" data-site'
            )
            pages.put("/", f"<!doctype html><title>The lamp</title>{ARTICLE}{one}{two}")
            page.goto(pages.at(HOST))
            hosts = page.locator("asklight-widget")
            panels = [hosts.nth(n).get_by_role("dialog") for n in range(2)]
            for n, panel in enumerate(panels):
                hosts.nth(n).get_by_role("button", name="Ask about this page").click()
                question = panel.get_by_label("Your question")
                question.fill(f"Who lit lamp {n}?")
                question.press("Enter")
            said = ["", ""]
            for piece in range(20):
                for n, teller in enumerate((upstream, elsewhere)):
                    text = f"Lamp {n} burned for {piece} hours. "
                    said[n] += text
                    teller.say(text)
            for panel, text in zip(panels, said, strict=True):
                # Neither has ended: both come at once.
                expect(panel.locator(".prose")).to_have_text(text.strip())
                expect(panel.get_by_role("button", name="Stop")).to_be_visible()
            for n, teller in enumerate((upstream, elsewhere)):
                teller.say(f"Keeper {n} lit it.")
                teller.finish()
            for n, panel in enumerate(panels):
                expect(panel.locator(".prose")).to_have_text(f"{said[n]}Keeper {n} lit it.")
                expect(panel.get_by_role("button", name="Good answer")).to_be_visible()
                expect(panel.locator(".bubble")).to_have_text(f"Who lit lamp {n}?")
    assert [upstream.asked[-1]["content"], elsewhere.asked[-1]["content"]] == [
        "Who lit lamp 0?",
        "Who lit lamp 1?",
    ]
    assert wrong == []


SWAPS = {
    "its body": "document.body.replaceWith(document.createElement('body'))",
    "all within its root": "const it = [...document.documentElement.childNodes];"
    "document.documentElement.replaceChildren(); document.documentElement.append(...it)",
    "the widget's own place": "const it = document.querySelector('asklight-widget'); it.remove(); document.body.append(it)",
}


@pytest.mark.parametrize("swap", SWAPS.values(), ids=SWAPS)
def test_it_goes_on_where_a_page_swaps(
    swap: str, page: Page, pages: HostPages, site: RunningProxy, wrong: list[str]
) -> None:
    widget = Widget(page, pages, site)
    widget.visit()
    widget.open()
    ask(widget)
    page.evaluate(swap)
    expect(widget.panel).to_be_visible()
    expect(widget.answers).to_have_count(1)
    box = widget.panel.bounding_box()
    assert box
    assert (box["width"], box["height"]) == pytest.approx((400, 640))
    widget.button("Close").click()
    widget.launcher.click()
    expect(widget.answers).to_have_count(1)
    assert wrong == []


def test_a_page_that_comes_back_as_it_was_left_has_it_as_it_was(
    playwright: Playwright, pages: HostPages, site: RunningProxy
) -> None:
    """Chromium keeps a left page only where nothing on it stands in the way: neither does the widget."""
    options = launch_options()
    chromium = playwright.chromium.launch(
        **options,  # type: ignore[arg-type]  # a plain dict
        ignore_default_args=["--disable-back-forward-cache"],
    )
    page = chromium.new_page()
    page.add_init_script(
        "addEventListener('pageshow', (event) => (window.isBack = event.persisted))"
    )
    widget = Widget(page, pages, site)
    widget.visit()
    widget.open()
    ask(widget)
    pages.put("/elsewhere", "<!doctype html><title>Elsewhere</title>")
    page.goto(pages.at(HOST, "/elsewhere"))
    page.go_back(wait_until="commit")
    page.wait_for_function("window.isBack === true")
    expect(widget.panel).to_be_visible()
    expect(widget.answers).to_have_count(1)
    ask(widget)
    expect(widget.answers).to_have_count(2)
    chromium.close()
