"""Where the assistant can stand on a page: beside it, in a place of the page's own, in a frame, and under policies."""

from __future__ import annotations

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from support.servers import HostPages, RunningProxy
from support.widget import HOST, PROXY_HOST, Widget, page_with_element

STRANGER = "c.localhost"
"""A site that is on nobody's list."""

KEEPER = "Every evening the keeper climbed the stairs"


@pytest.fixture
def widget(page: Page, pages: HostPages, site: RunningProxy) -> Widget:
    return Widget(page, pages, site)


def right_edge(page: Page) -> int:
    edge: int = page.evaluate("document.querySelector('main').getBoundingClientRect().right")
    return edge


class TestBesideThePage:
    @pytest.fixture(autouse=True)
    def at_rest(self, page: Page) -> None:
        """Where the panel stands is asked once, so it does not move there."""
        page.emulate_media(reduced_motion="reduce")

    def test_the_page_makes_room_while_it_is_open(self, widget: Widget) -> None:
        widget.visit(attributes='data-mode="side"')
        before = right_edge(widget.page)
        widget.launcher.click()
        panel = widget.page.get_by_role("complementary")
        expect(panel).to_be_visible()
        box = panel.bounding_box()
        assert box
        assert (box["x"], box["y"], box["width"], box["height"]) == (880, 0, 400, 720)
        assert right_edge(widget.page) == before - 400
        panel.get_by_role("button", name="Close").click()
        assert right_edge(widget.page) == before

    def test_in_a_narrow_window_it_lies_over_the_page(self, widget: Widget) -> None:
        widget.page.set_viewport_size({"width": 700, "height": 600})
        widget.visit(attributes='data-mode="side"')
        before = right_edge(widget.page)
        widget.launcher.click()
        panel = widget.page.get_by_role("complementary")
        expect(panel).to_be_visible()
        assert right_edge(widget.page) == before
        widget.page.set_viewport_size({"width": 390, "height": 800})
        box = panel.bounding_box()
        assert box
        assert [box["x"], box["width"], box["height"]] == pytest.approx([0, 390, 800])

    def test_it_can_stand_on_the_left_and_move_one_part_of_the_page(self, widget: Widget) -> None:
        widget.visit(
            attributes='data-mode="side" data-position="bottom-left" data-container="main"',
            head="<style>:root { --asklight-width: 300px }</style>",
        )
        widget.launcher.click()
        panel = widget.page.get_by_role("complementary")
        expect(panel).to_be_visible()
        box = panel.bounding_box()
        assert box
        assert (box["x"], box["width"]) == (0, 300)
        margins = "['main', 'html'].map((name) => getComputedStyle(document.querySelector(name)).marginLeft)"
        assert widget.page.evaluate(margins) == ["300px", "0px"]


class TestInAPlaceOfThePages:
    def test_the_element_answers_about_the_page_and_says_so_to_it(
        self, page: Page, pages: HostPages, site: RunningProxy
    ) -> None:
        pages.put("/element", page_with_element(site, 'style="height: 400px" data-theme="dark"'))
        page.goto(pages.at(HOST, "/element"))
        page.evaluate(
            """() => {
              window.heard = [];
              document.querySelector('asklight-widget')
                .addEventListener('answer', ({ detail }) => heard.push(detail.state));
            }"""
        )
        panel = page.get_by_role("region", name="Assistant")
        expect(panel).to_have_css("background-color", "rgb(25, 24, 20)")
        box = panel.bounding_box()
        assert box
        assert box["height"] == pytest.approx(400, abs=3)
        expect(panel.get_by_role("button", name="Close")).to_have_count(0)
        question = panel.get_by_label("Your question")
        question.fill("Who lit the lamp?")
        question.press("Enter")
        expect(panel.locator(".prose")).to_contain_text(KEEPER)
        page.wait_for_function("heard.length === 1")
        assert page.evaluate("heard") == ["complete"]

    def test_it_takes_the_selection_along_and_its_attributes_can_change(
        self, page: Page, pages: HostPages, site: RunningProxy
    ) -> None:
        pages.put("/element", page_with_element(site))
        page.goto(pages.at(HOST, "/element"))
        panel = page.get_by_role("region", name="Assistant")
        expect(panel.locator(".chip").filter(has_text="Page text")).to_be_visible()
        Widget(page, pages, site).select("#first")
        panel.get_by_label("Your question").click()
        expect(panel.locator(".chip").filter(has_text="The first lamp")).to_be_visible()
        page.evaluate("document.querySelector('asklight-widget').dataset.theme = 'dark'")
        expect(panel).to_have_css("background-color", "rgb(25, 24, 20)")
        page.evaluate("document.querySelector('asklight-widget').ask('Why?')")
        expect(panel.get_by_label("Your question")).to_have_value("Why?")

    def test_two_of_them_and_a_launcher_live_on_one_page(
        self, page: Page, pages: HostPages, site: RunningProxy
    ) -> None:
        origin = site.at(PROXY_HOST)
        html = page_with_element(site).replace(
            "</body>",
            '<asklight-widget data-site="demo" id="other"></asklight-widget>'
            f'<script src="{origin}/embed.js" data-site="demo"></script></body>',
        )
        pages.put("/element", html)
        page.goto(pages.at(HOST, "/element"))
        expect(page.get_by_role("region", name="Assistant")).to_have_count(2)
        page.get_by_role("button", name="Ask about this page").click()
        expect(page.get_by_role("dialog")).to_be_visible()

    def test_taken_out_it_lets_go_and_moved_it_stays_as_it_is(
        self, page: Page, pages: HostPages, site: RunningProxy
    ) -> None:
        pages.put("/element", page_with_element(site))
        page.goto(pages.at(HOST, "/element"))
        question = page.get_by_label("Your question")
        question.fill("Half a question")
        page.evaluate("document.body.prepend(document.querySelector('asklight-widget'))")
        expect(question).to_have_value("Half a question")
        page.evaluate("window.kept = document.querySelector('asklight-widget'); kept.remove()")
        page.wait_for_function("!kept.shadowRoot.querySelector('.asklight')")
        page.evaluate("document.body.append(kept)")
        expect(question).to_be_visible()


class TestInAFrame:
    @pytest.fixture
    def chat(self, page: Page, pages: HostPages, site: RunningProxy) -> FrameLocator:
        pages.put("/framing", page_with_element(site, "data-frame"))
        page.goto(pages.at(HOST, "/framing"))
        return page.frame_locator("asklight-widget iframe")

    def test_it_answers_about_the_page_around_it(self, page: Page, chat: FrameLocator) -> None:
        expect(chat.locator(".chip").filter(has_text="Page text")).to_be_visible()
        page.evaluate(
            """() => {
              const element = document.querySelector('asklight-widget');
              window.heard = [];
              element.addEventListener('answer', ({ detail }) => heard.push(detail.question));
              element.ask('Who lit the lamp?', { send: true });
            }"""
        )
        expect(chat.locator(".prose")).to_contain_text(KEEPER)
        page.wait_for_function("heard.length === 1")
        assert page.evaluate("heard") == ["Who lit the lamp?"]

    def test_it_follows_selection_theme_context_and_navigation(
        self, page: Page, chat: FrameLocator, pages: HostPages, site: RunningProxy
    ) -> None:
        expect(chat.locator(".chip").filter(has_text="Page text")).to_be_visible()
        page.evaluate("document.querySelector('asklight-widget').dataset.theme = 'dark'")
        panel = chat.get_by_role("region", name="Assistant")
        expect(panel).to_have_css("background-color", "rgb(25, 24, 20)")
        Widget(page, pages, site).select("#first")
        page.evaluate("document.querySelector('asklight-widget').context = { title: 'Order 17' }")
        expect(chat.locator(".chip").filter(has_text="The first lamp")).to_be_visible()
        page.evaluate("history.pushState(null, '', '/elsewhere')")
        expect(chat.get_by_text("This is another page now.")).to_be_visible()

    def test_nobody_else_is_heard(
        self, page: Page, chat: FrameLocator, pages: HostPages, site: RunningProxy
    ) -> None:
        """A frame beside it on a stranger's origin, the page's own opener, and a page of nobody's list."""
        expect(chat.locator(".chip").filter(has_text="Page text")).to_be_visible()
        attack = """<script>
          // The frame beside this one, as any frame of the page can reach it.
          const target = parent.frames[0];
          for (const message of ['asklight:connect', { type: 'ask', question: 'Say who you are', isSent: true }]) {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = ({ data }) => document.title = JSON.stringify(data);
            target.postMessage(message, '*', [port2]);
            port1.postMessage({ type: 'ask', question: 'Say who you are', isSent: true });
          }
          parent.postMessage('asklight:ready', '*');
          parent.postMessage({ done: true }, '*');
        </script>"""
        pages.put("/attack", attack)
        page.evaluate(
            """(source) => new Promise((resolve) => {
              addEventListener('message', ({ data }) => data.done && resolve());
              const frame = document.createElement('iframe');
              frame.src = source;
              document.body.append(frame);
            })""",
            pages.at(STRANGER, "/attack"),
        )
        # A question of the page's own comes after whatever the stranger could have put before it.
        page.evaluate("document.querySelector('asklight-widget').ask('And then?')")
        expect(chat.get_by_label("Your question")).to_have_value("And then?")
        expect(chat.locator(".bubble")).to_have_count(0)

    def test_a_message_that_is_no_message_of_ours_changes_nothing(
        self, page: Page, chat: FrameLocator, pages: HostPages, site: RunningProxy
    ) -> None:
        """The framing page itself, gone wrong: every shape is looked at before it is used."""
        pages.put(
            "/raw",
            f'<!doctype html><iframe src="{site.at(PROXY_HOST)}/chat?site=demo"></iframe>'
            """<script>
              addEventListener('message', ({ data, source, origin }) => {
                if (data !== 'asklight:ready') return;
                const { port1, port2 } = new MessageChannel();
                source.postMessage('asklight:connect', origin, [port2]);
                port1.onmessage = ({ data }) => {
                  if (data.type !== 'read') return;
                  for (const odd of [null, 7, 'ask', {}, { type: 'fly' }, { type: 'ask', question: 5 },
                      { type: 'theme', theme: 'blue' }, { type: 'page' }, { type: 'page', page: 'x' },
                      { type: 'page', page: { selections: [1, {}, { text: 2 }], headings: 'h', url: 'javascript:1' } }])
                    port1.postMessage(odd);
                  port1.postMessage({ type: 'page', page: { title: 'Only this' } });
                };
              });
            </script>""",
        )
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(pages.at(HOST, "/raw"))
        raw = page.frame_locator("iframe")
        expect(raw.locator(".chip").filter(has_text="Title")).to_be_visible()
        expect(raw.locator(".chip")).to_have_count(1)
        assert errors == []


class TestUnderPolicies:
    @pytest.fixture(autouse=True)
    def all_in_sight(self, page: Page) -> None:
        """A browser draws no frame of another origin that is out of sight."""
        page.set_viewport_size({"width": 1280, "height": 1600})

    def test_a_page_that_isolates_itself_can_carry_all_of_it(
        self, page: Page, pages: HostPages, site: RunningProxy
    ) -> None:
        origin = site.at(PROXY_HOST)
        html = page_with_element(site, "data-frame").replace(
            "</body>", f'<script src="{origin}/embed.js" data-site="demo"></script></body>'
        )
        isolating = {
            "Cross-Origin-Embedder-Policy": "require-corp",
            "Cross-Origin-Opener-Policy": "same-origin",
        }
        pages.put("/isolated", html, isolating)
        page.goto(pages.at(HOST, "/isolated"))
        chat = page.frame_locator("asklight-widget iframe")
        expect(chat.locator(".chip").filter(has_text="Page text")).to_be_visible()
        page.get_by_role("button", name="Ask about this page").click()
        panel = page.get_by_role("dialog")
        panel.get_by_label("Your question").fill("Who lit the lamp?")
        panel.get_by_label("Your question").press("Enter")
        expect(panel.locator(".prose")).to_contain_text(KEEPER)

    def test_a_nonce_and_no_trusted_types_are_enough_for_all_of_it(
        self, page: Page, pages: HostPages, site: RunningProxy
    ) -> None:
        origin = site.at(PROXY_HOST)
        policy = (
            f"default-src 'none'; script-src 'nonce-r4nd0m'; connect-src {origin}; frame-src {origin}; "
            "style-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
        )
        html = page_with_element(site).replace("<script ", '<script nonce="r4nd0m" ')
        html = html.replace(
            "</body>",
            f'<asklight-widget data-site="demo" data-frame></asklight-widget>'
            f'<script nonce="r4nd0m" src="{origin}/embed.js" data-site="demo" data-mode="side"></script></body>',
        )
        said: list[str] = []
        page.on(
            "console",
            lambda message: said.append(message.text) if message.type == "error" else None,
        )
        page.on("pageerror", lambda error: said.append(str(error)))
        pages.put("/strict", html, {"Content-Security-Policy": policy})
        page.goto(pages.at(HOST, "/strict"))
        chat = page.frame_locator("asklight-widget iframe")
        expect(chat.locator(".chip").filter(has_text="Page text")).to_be_visible()
        inline = page.get_by_role("region", name="Assistant").first
        expect(inline.locator(".chip").filter(has_text="Page text")).to_be_visible()
        page.get_by_role("button", name="Ask about this page").click()
        panel = page.get_by_role("complementary")
        panel.get_by_label("Your question").fill("Who lit the lamp?")
        panel.get_by_label("Your question").press("Enter")
        expect(panel.locator(".prose")).to_contain_text(KEEPER)
        assert said == []

    def test_nothing_is_kept_in_any_place_before_the_first_question(
        self, page: Page, pages: HostPages, site: RunningProxy
    ) -> None:
        html = page_with_element(site).replace(
            "</body>",
            '<asklight-widget data-site="demo" data-frame></asklight-widget>'
            f'<script src="{site.at(PROXY_HOST)}/embed.js" data-mode="side" data-site="demo" data-open></script></body>',
        )
        pages.put("/unasked", html)
        page.goto(pages.at(HOST, "/unasked"))
        expect(page.get_by_label("Your question")).to_have_count(2)
        chat = page.frame_locator("asklight-widget iframe")
        expect(chat.locator(".chip").filter(has_text="Page text")).to_be_visible()
        page.get_by_label("Your question").first.fill("Half a question")
        # A frame whose storage the browser refuses keeps nothing either.
        kept = "() => { try { return localStorage.length + sessionStorage.length } catch { return 0 } }"
        assert [frame.evaluate(kept) for frame in page.frames] == [0, 0]
        assert page.context.cookies() == []
