"""The AI SDK's own ``useChat`` on somebody's page, as it is published: it asks at the proxy across origins, by token."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, Response, expect

from support.node import NODE, node_environment
from support.servers import HostPages, RunningProxy, running_proxy
from support.told import ToldUpstream
from support.widget import HOST

CLIENTS = Path(__file__).parents[1] / "clients"
_BUILD = """
const { build } = await import("vite");
const [root, outDir] = process.argv.slice(1);
await build({
  root, configFile: false, logLevel: "error",
  define: { "process.env.NODE_ENV": '"production"' },
  build: { outDir, lib: { entry: "main.ts", formats: ["es"], fileName: "page" }, target: "es2022" },
});
"""
_QUESTION = "What is a lighthouse?"


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page's script with the published packages in it."""
    folder = tmp_path_factory.mktemp("usechat")
    subprocess.run(
        [NODE, "--input-type=module", "--eval", _BUILD, str(CLIENTS / "page"), str(folder)],
        check=True,
        cwd=CLIENTS,
        env=node_environment(),
    )
    return (folder / "page.js").read_text("utf-8")


@pytest.fixture(scope="module")
def proxy_of_the_site(
    tmp_path_factory: pytest.TempPathFactory, upstream: ToldUpstream, pages: HostPages
) -> Iterator[RunningProxy]:
    """The proxy with a grace period, so that a reloaded page finds its answer."""
    settings = {
        **upstream.environment,
        "ASKLIGHT_ORIGINS": pages.at(HOST, ""),
        "ASKLIGHT_GRACE_SECONDS": "30",
    }
    with running_proxy(tmp_path_factory.mktemp("data"), settings) as running:
        yield running


class Chat:
    """The page as its user sees it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.answer = page.locator("p.assistant").last

    def ask(self, text: str = _QUESTION) -> None:
        """Types a question and sends it."""
        self.page.get_by_label("Question").fill(text)
        self.press("Send")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()

    def is_in(self, status: str) -> None:
        """Waits until the hook's own status is this."""
        expect(self.page.get_by_role("status")).to_have_text(status)

    def shows(self, answer: str) -> None:
        """Waits until the last answer reads so, to the letter."""
        expect(self.answer).to_have_text(answer)


@pytest.fixture
def chat(
    page: Page,
    script: str,
    pages: HostPages,
    proxy_of_the_site: RunningProxy,
    upstream: ToldUpstream,
) -> Iterator[Chat]:
    """A fresh page of a site whose origin is not the proxy's, with a chat not used before."""
    safe = script.replace("</script", "<\\/script")
    pages.put("/usechat", f'<!doctype html><title>T</title><script type="module">{safe}</script>')
    proxy = proxy_of_the_site.at("b.localhost")
    page.goto(pages.at(HOST, f"/usechat?proxy={proxy}&chat={uuid4().hex}"))
    chat = Chat(page)
    chat.is_in("ready")
    yield chat
    upstream.forget()
    chat.press("Stop")
    chat.page.close()


def test_an_answer_streams_into_the_page(chat: Chat, upstream: ToldUpstream) -> None:
    chat.ask()
    upstream.say("A tower")
    chat.shows("A tower")
    chat.is_in("streaming")
    upstream.say(" with a lamp.")
    chat.shows("A tower with a lamp.")
    upstream.finish()
    chat.is_in("ready")
    chat.shows("A tower with a lamp.")
    assert upstream.asked[-1]["content"] == _QUESTION
    chat.ask("And a buoy?")
    upstream.say("A float.")
    upstream.finish()
    chat.is_in("ready")
    expect(chat.page.locator("p.user")).to_have_text([_QUESTION, "And a buoy?"])
    expect(chat.page.locator("p.assistant")).to_have_text(["A tower with a lamp.", "A float."])


def test_stop_ends_the_answer_and_frees_the_conversation(
    chat: Chat, upstream: ToldUpstream
) -> None:
    chat.ask()
    upstream.say("A tower")
    chat.shows("A tower")
    chat.press("Stop")
    chat.is_in("ready")
    chat.shows("A tower")
    chat.ask("And a buoy?")
    upstream.say("A float.")
    upstream.finish()
    chat.shows("A float.")
    chat.is_in("ready")


def test_a_page_reloaded_in_the_middle_goes_on_and_has_everything_once(
    chat: Chat, upstream: ToldUpstream
) -> None:
    chat.ask()
    upstream.say("A tower")
    chat.shows("A tower")
    asked = len(upstream.asked)
    chat.page.reload()
    chat.shows("A tower")
    upstream.say(" with a lamp.")
    chat.shows("A tower with a lamp.")
    upstream.finish()
    chat.is_in("ready")
    expect(chat.page.locator("p.user")).to_have_text([_QUESTION])
    expect(chat.page.locator("p.assistant")).to_have_text(["A tower with a lamp."])
    assert len(upstream.asked) == asked, "nothing is asked twice"


def test_a_page_reloaded_after_the_end_has_nothing_to_resume(
    chat: Chat, upstream: ToldUpstream
) -> None:
    chat.ask()
    upstream.say("A tower.")
    upstream.finish()
    chat.is_in("ready")
    with chat.page.expect_response(_resumed) as resumed:
        chat.page.reload()
    assert resumed.value.status == 204
    chat.is_in("ready")
    expect(chat.page.get_by_role("alert")).to_have_text("")


def _resumed(response: Response) -> bool:
    return response.url.endswith("/stream") and response.request.method == "GET"  # no preflight


def test_regenerate_asks_again_and_the_new_answer_takes_the_olds_place(
    chat: Chat, upstream: ToldUpstream
) -> None:
    chat.ask()
    upstream.say("A tower.")
    upstream.finish()
    chat.is_in("ready")
    chat.press("Regenerate")
    upstream.say("A lamp on a tower.")
    upstream.finish()
    chat.shows("A lamp on a tower.")
    chat.is_in("ready")
    expect(chat.page.locator("p.assistant")).to_have_count(1)
    assert upstream.asked[-1]["content"] == _QUESTION


def test_a_refused_question_shows_our_words_and_the_next_works(
    chat: Chat, upstream: ToldUpstream
) -> None:
    upstream.refuse(429, "RATE_LIMIT_EXCEEDED", retryAfter=7)
    chat.ask()
    chat.is_in("error")
    told = json.loads(chat.page.get_by_role("alert").text_content() or "")
    assert told["error"]["code"] == "RATE_LIMIT_EXCEEDED"
    assert told["error"]["message"] == "Rate limit exceeded. Please try again later."
    assert told["error"]["details"] == {"retryAfter": 7}
    chat.ask("Again?")
    upstream.say("Yes.")
    upstream.finish()
    chat.shows("Yes.")
    chat.is_in("ready")


def test_an_answer_that_breaks_off_is_an_error_and_what_came_stays(
    chat: Chat, upstream: ToldUpstream
) -> None:
    chat.ask()
    upstream.say("A tower")
    chat.shows("A tower")
    upstream.cut()
    chat.is_in("error")
    chat.shows("A tower")
    expect(chat.page.get_by_role("alert")).not_to_be_empty()
