"""The widget in the language of the page or of its visitor, and from right to left."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from support.servers import HostPages, RunningProxy
from support.states.right_to_left import from_right, right_to_left_answered, right_to_left_chip_open
from support.told import ToldUpstream
from support.widget import Widget


def of_page(lang: str) -> str:
    return f"<script>document.documentElement.lang = '{lang}'</script>"


def test_the_launcher_the_offer_and_the_panel_speak_the_language_of_the_page(
    page: Page, pages: HostPages, told_proxy: RunningProxy
) -> None:
    widget = Widget(page, pages, told_proxy)
    widget.visit(head=of_page("de-AT"))
    expect(widget.button("Zu dieser Seite fragen")).to_be_visible()
    widget.select("#second")
    expect(widget.button("Erklären")).to_be_visible()
    widget.button("Dazu fragen").click()
    expect(widget.panel.get_by_label("Deine Frage")).to_be_visible()
    expect(widget.panel).to_have_attribute("lang", "de")
    expect(widget.panel.get_by_role("list", name="Fragen für den Anfang")).to_be_visible()
    widget.button("Schließen").click()
    widget.button("Diesen Knopf auf dieser Website ausblenden").click()
    expect(widget.button("Auf dieser Website ausgeblendet. Rückgängig")).to_be_visible()


def test_the_owners_word_goes_before_the_pages_and_that_before_the_visitors(
    browser: Browser, pages: HostPages, told_proxy: RunningProxy
) -> None:
    context = browser.new_context(locale="fr-CA")
    widget = Widget(context.new_page(), pages, told_proxy)
    widget.visit(head=of_page("de"), attributes='data-lang="ja"')
    expect(widget.button("このページについて質問")).to_be_visible()
    widget.visit(head=of_page("nl"))
    expect(widget.button("Vraag iets over deze pagina")).to_be_visible()
    widget.visit(head=of_page("sw"))
    expect(widget.button("Poser une question sur cette page")).to_be_visible()
    widget.visit(head=of_page("en-GB"))
    expect(widget.launcher).to_be_visible()
    context.close()


def test_on_an_english_page_no_language_is_loaded_and_on_another_one_small_module_before_intent(
    page: Page, pages: HostPages, told_proxy: RunningProxy
) -> None:
    widget = Widget(page, pages, told_proxy)
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url.rpartition("/")[2]))
    widget.visit()
    widget.open()
    assert not [name for name in loaded if name.startswith(("named", "languages-"))]
    loaded.clear()
    widget.visit(head=of_page("de"))
    expect(widget.button("Zu dieser Seite fragen")).to_be_visible()
    assert [name for name in loaded if ".js" in name] == ["embed.js", "named.js?site=demo"]


def test_where_a_language_does_not_load_the_panel_speaks_english(
    page: Page, pages: HostPages, told_proxy: RunningProxy, upstream: ToldUpstream
) -> None:
    widget = Widget(page, pages, told_proxy)
    page.route("**/assets/de-*.js", lambda route: route.abort())
    widget.visit(head=of_page("de"))
    widget.button("Zu dieser Seite fragen").click()
    expect(widget.question).to_be_visible()
    upstream.say("Because.")
    upstream.finish()
    widget.ask("Why?")
    expect(widget.answers).to_have_text("Because.")


def test_where_the_launchers_language_does_not_load_it_works_in_english(
    page: Page, pages: HostPages, told_proxy: RunningProxy
) -> None:
    widget = Widget(page, pages, told_proxy)
    page.route("**/named.js*", lambda route: route.abort())
    widget.visit(head=of_page("de"))
    widget.launcher.click()
    expect(widget.panel).to_be_visible()


def test_from_right_to_left_each_text_takes_its_own_side_and_code_stays_on_the_left(
    page: Page, pages: HostPages, told_proxy: RunningProxy, upstream: ToldUpstream
) -> None:
    widget = Widget(page, pages, told_proxy)
    right_to_left_answered(widget, upstream)
    sides = widget.panel.evaluate(
        """panel => ['.bubble', '.prose p', '.prose pre']
          .map(selector => getComputedStyle(panel.querySelector(selector)).direction)"""
    )
    assert sides == ["rtl", "rtl", "ltr"]
    english = widget.panel.get_by_text("English stands on its own side.")
    left = english.evaluate(
        """element => {
          const range = document.createRange();
          range.selectNodeContents(element);
          return range.getBoundingClientRect().left - element.getBoundingClientRect().left;
        }"""
    )
    assert left < 2, "An English paragraph does not begin on the left"
    send, field = (
        widget.panel.locator(selector).bounding_box()
        for selector in (".composer button", "textarea")
    )
    assert send
    assert field
    assert send["x"] < field["x"], "Send does not stand at the end of the line"


def test_from_right_to_left_the_field_and_the_exact_text_begin_on_the_right(
    page: Page, pages: HostPages, told_proxy: RunningProxy, upstream: ToldUpstream
) -> None:
    widget = Widget(page, pages, told_proxy)
    right_to_left_chip_open(widget, upstream)
    field = widget.panel.locator("textarea")
    expect(field).to_have_css("direction", "rtl")
    field.fill("Why?")
    expect(field).to_have_css("direction", "ltr")
    field.fill("")
    expect(field).to_have_css("direction", "rtl")
    expect(widget.panel.locator(".exact-text")).to_have_css("unicode-bidi", "plaintext")


def test_in_hebrew_the_panel_is_one_too(
    page: Page, pages: HostPages, told_proxy: RunningProxy
) -> None:
    widget = Widget(page, pages, told_proxy)
    from_right(widget, "iw")
    expect(widget.panel).to_have_attribute("lang", "he")
    expect(widget.panel).to_have_css("direction", "rtl")
