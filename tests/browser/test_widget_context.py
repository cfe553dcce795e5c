"""What leaves the page: seen before it goes, changed by the visitor, and on its receipt after it went."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from support.servers import HostPages, RunningProxy
from support.told import ToldUpstream
from support.widget import ARTICLE, Widget

CARD = "4111 1111 1111 1111"
ACCOUNT = "DE89 3704 0044 0532 0130 00"


@pytest.fixture
def widget(
    page: Page, pages: HostPages, told_proxy: RunningProxy, upstream: ToldUpstream
) -> Iterator[Widget]:
    yield Widget(page, pages, told_proxy)
    upstream.forget()


def sent(widget: Widget, upstream: ToldUpstream, question: str = "Why?") -> dict[str, Any]:
    """Asks, and gives the page's part of what the service got."""
    upstream.say("Because.")
    upstream.finish()
    count = len(upstream.asked)
    widget.ask(question)
    while len(upstream.asked) == count:  # what is seen may be the answer before
        widget.page.wait_for_timeout(20)
    expect(widget.button("Send")).to_be_visible()
    expect(widget.button("Good answer").last).to_be_visible()
    assert len(upstream.asked) == count + 1
    context = upstream.asked[-1]["pageContext"]
    return dict(context) if context else {}


def opened(widget: Widget, name: str) -> Locator:
    """The exact text of a chip, opened."""
    widget.chip(name).locator(".chip-open").click()
    expect(widget.panel.locator(".exact-text")).to_be_visible()
    return widget.panel.locator(".exact-text")


def highlighted(page: Page) -> list[str]:
    """What the page shows in the marker's colour."""
    texts: list[str] = page.evaluate(
        "[...(CSS.highlights.get('asklight-selection') ?? [])].map(range => range.toString())"
    )
    return texts


def test_likely_secrets_are_masked_in_sight_and_each_can_be_sent_after_all(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.visit(body=f"<p>Pay with {CARD} or from {ACCOUNT}. See /?access_token=abcdef12345.</p>")
    widget.page.evaluate("history.replaceState(null, '', '?sid=0123456789&page=2')")
    widget.open()
    expect(widget.chip("Page text")).to_contain_text("masked")
    expect(widget.chip("Address")).to_contain_text("masked")
    text = opened(widget, "Page text")
    expect(text.locator("mark")).to_have_text(
        ["[card number masked]", "[account number masked]", "masked"]
    )
    expect(widget.panel.locator(".exact > .label")).to_contain_text("3 likely secrets are masked")
    widget.button("Send as it is: Account number").click()
    expect(text.locator("mark.unmasked")).to_have_text(ACCOUNT)
    shown = text.inner_text()
    context = sent(widget, upstream)
    assert context["content"] == shown
    assert ACCOUNT in shown
    assert CARD not in shown
    assert "abcdef12345" not in str(context)
    assert context["url"].endswith("/?sid=masked&page=2")
    assert widget.page.evaluate("JSON.stringify(localStorage)").find("DE89") == -1


def test_what_is_cut_at_the_limit_is_shown_as_cut(widget: Widget, upstream: ToldUpstream) -> None:
    widget.visit(body="".join(f"<p>Paragraph {n}. {'x' * 480}</p>" for n in range(400)))
    widget.open()
    expect(widget.chip("Page text")).to_contain_text("cut")
    text = opened(widget, "Page text")
    expect(widget.panel.locator(".cut-text")).to_contain_text("The limit is reached here.")
    shown = text.text_content()
    assert shown
    assert 98_000 < len(shown) <= 100_000
    assert shown.endswith("x")
    left = widget.panel.locator(".cut-text s").inner_text()
    assert left.startswith("Paragraph ")
    number = int(re.findall(r"Paragraph (\d+)", shown)[-1])
    assert left.startswith(f"Paragraph {number + 1}.")
    assert sent(widget, upstream)["content"] == shown


HIDDEN = """
<style>.x { clip-path: circle(0) } @media screen { .y { display: none } }</style>
<p style="opacity:0">SECRET</p><p style="opacity:0.01">SECRET</p><p style="filter:opacity(0)">SECRET</p>
<p style="color:#fff">SECRET</p><p style="background:#123456;color:#123457">SECRET</p>
<div style="background:#000"><p style="color:#000">SECRET</p></div>
<p style="font-size:0">SECRET</p><p style="font-size:1px">SECRET</p>
<p style="position:absolute;left:-5000px">SECRET</p><p style="position:fixed;top:-3000px">SECRET</p>
<p style="margin-left:-4000px;width:300px">SECRET</p><p style="transform:translateX(-5000px)">SECRET</p>
<p style="transform:scale(0)">SECRET</p><p style="text-indent:-9999px">SECRET</p>
<p class="x">SECRET</p><p class="y">SECRET</p><p style="clip-path:inset(100%)">SECRET</p>
<p style="height:0;overflow:hidden">SECRET</p><p style="max-width:1px;overflow:hidden;white-space:nowrap">SECRET</p>
<p style="visibility:hidden">SECRET</p><p hidden="until-found">SECRET</p><p hidden>SECRET</p>
<p style="color:transparent">SECRET</p><p style="-webkit-text-fill-color:transparent">SECRET</p>
<details><summary>More</summary>SECRET</details><dialog>SECRET</dialog><template>SECRET</template>
<div popover>SECRET</div><div data-asklight-ignore>SECRET</div><textarea>SECRET</textarea>
<input value="SECRET"><select><option>SECRET</option></select><div style="content-visibility:hidden">SECRET</div>
<p>vis\u200bible\u202e o\u2066ne\U000e0053</p>
"""

SEEN = """
<h1 aria-hidden="true">seen-1</h1>
<div style="background:#000"><p style="color:#fff">seen-2</p></div>
<div style="position:relative;background:url(data:,)"><p style="color:#fff">seen-3</p></div>
<p style="background:linear-gradient(red,blue);-webkit-background-clip:text;color:transparent">seen-4</p>
<p style="color:#fff;text-shadow:0 0 2px #000">seen-5</p>
<div style="height:60px;overflow:auto" id="box"><div style="height:2000px">seen-6</div></div>
<div style="position:absolute;left:4000px">seen-7</div>
<div style="position:relative"><div style="position:absolute;inset:0;background:#111"></div>
<b style="position:relative;color:#fff">seen-8</b></div>
<div dir="rtl" style="overflow:auto;width:100px"><p style="width:400px">seen-9</p></div>
"""


def test_what_nobody_sees_never_leaves_and_how_much_that_was_is_said(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.visit(body=HIDDEN + SEEN)
    widget.page.evaluate("document.querySelector('#box').scrollTop = 1500")
    widget.open()
    text = opened(widget, "Page text")
    expect(widget.panel.locator(".exact > .label")).to_contain_text("hidden characters of the page")
    content = sent(widget, upstream)["content"]
    assert "SECRET" not in content
    assert "visible one" in content
    assert re.findall(r"seen-\d", content) == [f"seen-{n}" for n in range(1, 10)]
    assert text  # opened before it was sent


def test_a_selection_over_hidden_and_ignored_text_takes_neither(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.visit(body=f"<div id='all'><p>Seen.</p>{HIDDEN}<p>Seen too.</p></div>")
    widget.select("#all")
    widget.button("Ask about this").click()
    expect(widget.panel.locator(".chip.selection")).to_be_visible()
    context = sent(widget, upstream)
    assert context["textSelection"].startswith("Seen.")
    assert context["textSelection"].endswith("Seen too.")
    assert "SECRET" not in str(context)


def test_selections_gather_each_removable_and_the_page_is_one_press_away(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.visit()
    for selector in ("#first", "#second"):
        widget.page.locator("h1").click()
        widget.page.evaluate(
            "selector => getSelection().setBaseAndExtent(document.querySelector(selector).firstChild, 0,"
            " document.querySelector(selector).firstChild, 12)",
            selector,
        )
        widget.button("Ask about this").click()
        expect(widget.panel.locator(".chip.selection").last).to_be_visible()
    expect(widget.panel.locator(".chip.selection")).to_have_count(2)
    context = sent(widget, upstream)
    assert context["textSelection"] == "The first la\n\nA lamp needs"
    assert context["content"].startswith("The first lamp stood on the pier")
    assert "Every evening" in context["content"]
    assert "Electric light" not in context["content"]

    widget.panel.get_by_role("button", name="Leave out: Selection").first.click()
    context = sent(widget, upstream)
    assert context["textSelection"] == "A lamp needs"
    assert "first lamp" not in context["content"]

    widget.button("Add the whole page").click()
    expect(widget.chip("Paragraph")).to_have_count(0)
    assert "Electric light" in sent(widget, upstream)["content"]


def test_the_selection_is_shown_on_the_page_while_it_is_attached(widget: Widget) -> None:
    widget.visit()
    before = widget.page.evaluate("document.body.innerHTML")
    widget.select("#second")
    widget.button("Ask about this").click()
    chip = widget.panel.locator(".chip.selection")
    expect(chip).to_be_visible()
    selected = widget.page.locator("#second").text_content()
    assert highlighted(widget.page) == [selected]
    for scheme, marker in (("light", "rgb(255, 225, 74)"), ("dark", "rgb(242, 201, 76)")):
        widget.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its literals
        color = "getComputedStyle(document.body, '::highlight(asklight-selection)').backgroundColor"
        assert widget.page.evaluate(color) == marker
        expect(chip.locator(".chip-label")).to_have_css("background-color", marker)
    chip.get_by_role("button", name="Leave out: Selection").click()
    assert highlighted(widget.page) == []
    chip.get_by_role("button", name="Send again: Selection").click()
    assert highlighted(widget.page) == [selected]
    widget.panel.get_by_role("button", name="Close").click()
    assert highlighted(widget.page) == []
    assert widget.page.evaluate("document.adoptedStyleSheets.length") == 0
    assert widget.page.evaluate("document.body.innerHTML") == before


def test_a_page_that_draws_itself_anew_keeps_the_selection_and_its_mark(
    widget: Widget, upstream: ToldUpstream
) -> None:
    body = f"{ARTICLE}<p id='twin'>Before. A lamp needs a keeper. After.</p>"
    widget.visit(body=body)
    widget.page.evaluate(
        "getSelection().setBaseAndExtent(document.querySelector('#twin').firstChild, 8,"
        " document.querySelector('#twin').firstChild, 30)"
    )
    widget.button("Explain").wait_for()  # what stands there comes with what keeps the selection
    widget.page.evaluate("document.querySelector('main').innerHTML += ''")
    widget.button("Ask about this").click()
    expect(widget.panel.locator(".chip.selection")).to_contain_text("A lamp needs a keeper.")
    for _ in range(2):
        widget.page.evaluate(
            """() => {
              const main = document.querySelector('main');
              main.innerHTML = main.innerHTML.replace('keeper. After', '<i>keeper</i>.  After');
            }"""
        )
        widget.page.wait_for_function(
            """() => [...CSS.highlights.get('asklight-selection')].some(range =>
              !range.collapsed && range.startContainer.isConnected &&
              range.startContainer.parentElement.closest('#twin'))"""
        )
        assert highlighted(widget.page) == ["A lamp needs a keeper."]
    assert sent(widget, upstream)["textSelection"] == "A lamp needs a keeper."


def test_a_page_that_rewrites_itself_at_every_key_keeps_question_and_selection(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.visit()
    widget.page.evaluate(
        """addEventListener('keydown', () => {
          const main = document.querySelector('main');
          main.replaceWith(Object.assign(document.createElement('main'), { innerHTML: main.innerHTML }));
        }, true)"""
    )
    widget.select("#second")
    widget.button("Ask about this").click()
    widget.question.press_sequentially("Who lit it, and when?")
    expect(widget.question).to_have_value("Who lit it, and when?")
    assert sent(widget, upstream, "Who?")["textSelection"].startswith("A lamp needs a keeper.")


@pytest.mark.parametrize("has_api", [True, False], ids=["Navigation API", "history events"])
def test_another_page_in_the_same_document_empties_the_chips_and_says_so(
    widget: Widget, upstream: ToldUpstream, has_api: bool
) -> None:
    if not has_api:
        widget.page.add_init_script("delete window.navigation")
    widget.page.add_init_script(
        "globalThis.timers = []; const set = setInterval; setInterval = (...a) => (timers.push(a), set(...a))"
    )
    widget.visit()
    assert widget.page.evaluate("'navigation' in window") == has_api
    widget.select("#second")
    widget.button("Ask about this").click()
    expect(widget.panel.locator(".chip.selection")).to_be_visible()

    widget.page.evaluate("history.replaceState(null, '', location.pathname + '?tidied')")
    widget.page.evaluate("location.hash = 'place'")
    expect(widget.panel.locator(".chip.selection")).to_be_visible()

    widget.page.evaluate(
        """() => {
          const go = () => {
            history.pushState(null, '', '/other');
            document.title = 'Another';
            document.querySelector('main').innerHTML = '<p>Another page altogether.</p>';
          };
          const link = document.body.appendChild(document.createElement('button'));
          link.id = 'go';
          link.onclick = go;
        }"""
    )
    widget.page.locator("#go").click()
    notice = widget.panel.get_by_role("status").filter(has_text="This is another page now.")
    expect(notice).to_be_visible()
    expect(widget.panel.locator(".chip")).to_have_count(0)
    assert highlighted(widget.page) == []
    widget.question.click()
    expect(widget.panel.locator(".chip")).to_have_count(0)
    assert sent(widget, upstream, "Still about the first?") == {}

    widget.button("Attach this page").click()
    expect(notice).to_have_count(0)
    expect(widget.chip("Page text")).to_be_visible()
    context = sent(widget, upstream)
    assert context["content"] == "Another page altogether."
    assert context["url"].endswith("/other")
    assert widget.page.evaluate("timers.length") == 0


def test_what_is_left_out_is_remembered_on_this_site_and_nothing_is_kept_before(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.visit()
    widget.open()
    opened(widget, "Title")
    assert widget.page.evaluate("localStorage.length") == 0
    widget.button("Leave out: Address").click()
    widget.page.reload()
    widget.open()
    expect(widget.button("Send again: Address")).to_be_visible()
    assert "url" not in sent(widget, upstream)
    widget.button("Send again: Address").click()
    widget.page.reload()
    widget.open()
    expect(widget.button("Leave out: Address")).to_be_visible()


def test_every_question_keeps_a_receipt_that_opens_to_the_exact_text(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.visit(body=f"<p id='second'>Pay with {CARD} today, and keep the rest for later.</p>")
    widget.open()
    expect(widget.chip("Page text")).to_be_visible()
    context = sent(widget, upstream)
    receipt = widget.panel.locator("details.receipt")
    receipt.locator("summary").click()
    texts = receipt.locator(".exact-text")
    expect(texts).to_have_text([context["content"], context["title"], context["url"]])
    expect(receipt.locator("mark")).to_have_text("[card number masked]")
    expect(receipt).to_contain_text("1 likely secret is masked")
    expect(receipt.get_by_role("button")).to_have_count(0)
    widget.page.evaluate("document.querySelector('main').textContent = 'gone'")
    expect(texts.first).to_have_text(context["content"])


def test_text_in_shadow_roots_and_frames_of_the_same_origin_is_read(
    widget: Widget, pages: HostPages, upstream: ToldUpstream
) -> None:
    pages.put("/frame", "<!doctype html><p>Framed words. <b hidden>SECRET</b></p>")
    widget.visit(
        body="<p>Light words.</p><x-card></x-card><iframe src='/frame'></iframe>"
        f"<iframe src='{pages.at('b.localhost', '/frame')}'></iframe>"
    )
    widget.page.evaluate(
        "document.querySelector('x-card').attachShadow({ mode: 'open' }).innerHTML = '<p>Shadow words.</p>'"
    )
    widget.open()
    expect(widget.chip("Page text")).to_be_visible()
    assert sent(widget, upstream)["content"] == (
        "The lamp\n\nLight words.\n\nShadow words.\n\nFramed words."
    )


def test_a_selection_in_a_shadow_root_comes_along(widget: Widget, upstream: ToldUpstream) -> None:
    widget.visit(body="<p>Light.</p><x-card></x-card>")
    widget.page.evaluate(
        """() => {
          const root = document.querySelector('x-card').attachShadow({ mode: 'open' });
          root.innerHTML = '<p>Shadow <b>words</b> here. <i style="opacity:0">SECRET</i></p>';
          getSelection().setBaseAndExtent(root.querySelector('b').firstChild, 0, root.firstChild, 3);
        }"""
    )
    widget.button("Ask about this").click()
    expect(widget.panel.locator(".chip.selection")).to_be_visible()
    context = sent(widget, upstream)
    assert context["textSelection"].startswith("words here.")
    assert "SECRET" not in str(context)


def test_where_nothing_can_be_selected_the_panels_own_text_can(widget: Widget) -> None:
    widget.visit(head="<style>* { user-select: none; -webkit-user-select: none }</style>")
    widget.open()
    widget.question.fill("Typed.")
    assert widget.panel.evaluate("panel => getComputedStyle(panel).userSelect") == "text"


def test_a_page_that_patched_getselection_still_offers(widget: Widget) -> None:
    widget.visit()
    errors: list[str] = []
    widget.page.on("pageerror", lambda error: errors.append(str(error)))
    widget.page.evaluate(
        """() => {
          const selection = getSelection();
          document.getSelection = window.getSelection = () => { throw new Error('patched') };
          selection.selectAllChildren(document.querySelector('#second'));
        }"""
    )
    widget.button("Ask about this").click()
    expect(widget.panel.locator(".chip.selection")).to_be_visible()
    assert errors == []


LONG_TASKS = """() => {
  globalThis.tasks = [];
  new PerformanceObserver(list => tasks.push(...list.getEntries().map(entry => entry.duration)))
    .observe({ type: 'longtask' });
}"""


@pytest.mark.alone
def test_a_page_of_five_megabytes_is_read_without_keeping_its_reader_waiting(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.visit()
    widget.page.evaluate(
        """() => {
          const main = document.querySelector('main');
          const words = 'The lamp at the end of the pier was lit every evening. ';
          for (let n = 0; n < 20_000; n++)
            main.append(Object.assign(document.createElement('p'), { textContent: n + words.repeat(5) }));
        }"""
    )
    widget.launcher.hover()
    widget.page.wait_for_load_state("networkidle")
    widget.page.evaluate(LONG_TASKS)
    widget.open()
    expect(widget.chip("Page text")).to_contain_text("cut")
    # Reading alone would take several hundred in one piece; the browser's own layout is in here too.
    assert max(widget.page.evaluate("tasks"), default=0) < 150
    assert len(sent(widget, upstream)["content"]) <= 100_000


def test_a_selection_of_a_megabyte_is_cut_and_said_to_be(
    widget: Widget, upstream: ToldUpstream
) -> None:
    widget.visit(body="<div id='big'></div>")
    widget.page.evaluate(
        """() => {
          const big = document.querySelector('#big');
          for (let n = 0; n < 10_000; n++)
            big.append(Object.assign(document.createElement('p'), { textContent: 'x'.repeat(100) }));
        }"""
    )
    widget.select("#big")
    widget.button("Ask about this").wait_for()
    widget.button("Ask about this").click()
    chip = widget.panel.locator(".chip.selection")
    expect(chip).to_contain_text("cut")
    chip.locator(".chip-open").click()
    expect(widget.panel.locator(".exact > .label")).to_contain_text(
        "characters over the limit are left out"
    )
    assert len(sent(widget, upstream)["textSelection"]) <= 10_000


def test_a_selection_whose_nodes_are_gone_attaches_nothing_and_breaks_nothing(
    widget: Widget,
) -> None:
    widget.visit()
    widget.page.route("**/assets/ask-*.js", lambda route: route.abort())
    widget.select("#second")
    widget.button("Ask about this").wait_for()
    widget.page.evaluate("document.querySelector('#second').remove()")
    widget.page.evaluate("Asklight('open')")
    expect(widget.question).to_be_visible()
    expect(widget.chip("Page text")).to_be_visible()
