"""What the start page, the chat page and the health check say."""

from __future__ import annotations

import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from asklight.site.pages import ServedSite
from proxy.site.served import CHAT_MODULE, LOOK, OpenSite


class Page(HTMLParser):
    """A page's tags with their attributes, and its text."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_the_start_page_carries_the_widget_of_the_default_site(client: TestClient) -> None:
    page = Page(client.get("/").text)
    widget = [tag for tag in page.named("script") if tag.get("src") == "/embed.js"]
    assert [tag["data-site"] for tag in widget] == ["demo"]
    assert "async" in widget[0]


def test_the_start_page_is_an_article_with_one_sentence_marked_and_an_invitation(
    client: TestClient,
) -> None:
    markup = client.get("/").text
    article = markup[markup.index("<article") : markup.index("</article>")]
    assert len(re.sub(r"<[^>]+>", " ", article).split()) > 1_200
    assert article.count("<mark>") == 1
    assert "Select anything. Ask." in article
    assert {"table", "figure", "ul", "ol"} <= {tag for tag, _ in Page(article).tags}


def test_the_script_tag_to_copy_names_the_origin_people_use(open_site: OpenSite) -> None:
    client = open_site(own_origin=lambda request: "https://ask.example", default_site="shop")
    assert (
        '<script src="https://ask.example/embed.js" data-site="shop" async></script>'
        in Page(client.get("/").text).text
    )


def test_a_hostile_host_stays_text(client: TestClient) -> None:
    host = 'x"><script>alert(1)</script>'
    markup = client.get("/", headers={"Host": host}).text
    assert host not in markup
    assert f'src="http://{host}/embed.js"' in Page(markup).text


def test_both_extension_builds_can_be_downloaded_from_the_start_page(client: TestClient) -> None:
    page = Page(client.get("/").text)
    links = [tag["href"] for tag in page.named("a") if "download" in tag]
    assert links == ["/extension/chromium.zip", "/extension/firefox.zip"]
    for link in links:
        assert client.get(str(link)).headers["content-type"] == "application/zip"


def test_the_start_page_says_whether_a_model_answers(open_site: OpenSite) -> None:
    words = "No model is configured"
    assert words in open_site(quotes_only=True).get("/").text
    assert words not in open_site(quotes_only=False).get("/").text


def test_every_address_a_page_loads_is_served_here(client: TestClient) -> None:
    for path in ("/", "/chat"):
        page = Page(client.get(path).text)
        addresses = [tag.get("src") for tag in page.named("script")]
        addresses += [tag.get("href") for tag in page.named("link")]
        assert addresses
        for address in addresses:
            assert address is not None
            assert address.startswith("/")
            assert client.get(address).status_code == 200, address


def test_no_page_has_script_or_style_inside(client: TestClient) -> None:
    for path in ("/", "/chat", "/nowhere"):
        page = Page(client.get(path).text)
        assert all("src" in tag for tag in page.named("script")), path
        assert not page.named("style"), path
        for tag, attributes in page.tags:
            assert "style" not in attributes, (path, tag)
            assert not [name for name in attributes if name.startswith("on")], (path, tag)


def test_links_within_the_start_page_lead_somewhere(client: TestClient) -> None:
    page = Page(client.get("/").text)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    fragments = [str(tag["href"])[1:] for tag in page.named("a") if str(tag["href"])[0] == "#"]
    assert fragments
    assert set(fragments) <= set(ids)


def test_the_chat_page_loads_the_module_the_build_names(client: TestClient) -> None:
    page = Page(client.get("/chat?site=shop").text)
    assert [tag for tag in page.named("div") if tag.get("id") == "chat"] == [
        {
            "id": "chat",
            "data-site": "shop",
            "data-origins": "https://shop.example https://*.shop.example",
        }
    ]
    assert {"type": "module", "src": f"/{CHAT_MODULE}"} in page.named("script")


def test_the_chat_page_without_a_site_is_the_default_ones(client: TestClient) -> None:
    assert 'data-site="demo"' in client.get("/chat").text


def test_a_sites_name_and_welcome_stay_text(open_site: OpenSite) -> None:
    name, welcome = "</title><script>alert(1)</script>", '"><img src=x onerror=alert(1)>'
    site = ServedSite(name=name, welcome=welcome, framers=())
    markup = open_site(sites={"odd": site}, default_site="odd").get("/chat").text
    assert name not in markup
    assert welcome not in markup
    assert name in unescape(markup)
    assert {"name": "description", "content": welcome} in Page(markup).named("meta")


def test_an_unknown_site_is_a_page_that_does_not_repeat_it(client: TestClient) -> None:
    answer = client.get("/chat?site=nobody-knows-it")
    assert answer.status_code == 404
    assert "No site has this name" in answer.text
    assert "nobody-knows-it" not in answer.text


def test_the_health_check_names_the_server_and_its_version(client: TestClient) -> None:
    answer = client.get("/healthz")
    assert answer.json() == {"status": "ok", "name": "asklight", "version": "1.2.3"}
    assert answer.headers["cache-control"] == "no-store"


def test_the_icon_is_there_for_browsers_that_guess_its_address(client: TestClient) -> None:
    answer = client.get("/favicon.ico")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.text.startswith("<svg")


@pytest.mark.parametrize("path", ["/look.js", "/named.js"])
@pytest.mark.parametrize(
    ("site", "look"),
    [
        ("shop", {"brandColor": "#7FD1B9", "position": "bottom-left"}),
        ("pk_shop", {"brandColor": "#7FD1B9", "position": "bottom-left"}),
        ("demo", {"position": "bottom-right"}),
    ],
)
def test_the_launchers_look_is_what_the_owner_has_set_for_any_page_and_kept_for_minutes(
    client: TestClient, path: str, site: str, look: dict[str, str]
) -> None:
    answer = client.get(path, params={"site": site}, headers={"Origin": "https://else.example"})
    first, _, module = answer.text.partition("\n")
    assert json.loads(first.removeprefix("const LOOK=").removesuffix(";")) == look
    assert module == LOOK
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["cache-control"].startswith("public, max-age=300")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    known = {"If-None-Match": f'"other", {answer.headers["etag"]}'}
    again = client.get(path, params={"site": site}, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["access-control-allow-origin"] == "*"


def test_a_look_of_no_site_is_not_found_and_one_before_the_first_build_says_so(
    client: TestClient, open_site: OpenSite, tmp_path: Path
) -> None:
    assert client.get("/look.js", params={"site": "nobody"}).status_code == 404
    unbuilt = open_site(static=tmp_path / "nothing")
    assert unbuilt.get("/look.js", params={"site": "demo"}).status_code == 503
