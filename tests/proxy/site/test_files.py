"""The build's files and the pages' own, as they are served."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from proxy.site.served import CHAT_MODULE, EMBED, OpenSite

YEAR = "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("path", "cache_control"),
    [
        ("/embed.js", "public, max-age=300, must-revalidate"),
        (f"/{CHAT_MODULE}", YEAR),
        ("/extension/firefox.zip", "no-cache"),
    ],
)
def test_the_builds_files_are_for_every_origin_and_kept_as_long_as_they_hold(
    client: TestClient, path: str, cache_control: str
) -> None:
    headers = client.get(path, headers={"Origin": "https://else.example"}).headers
    assert headers["cache-control"] == cache_control
    assert headers["access-control-allow-origin"] == "*"
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert "etag" in headers


@pytest.mark.parametrize("path", ["/embed.js", f"/{CHAT_MODULE}", "/page/start.js"])
def test_scripts_are_sent_as_scripts(client: TestClient, path: str) -> None:
    assert client.get(path).headers["content-type"] == "text/javascript; charset=utf-8"


def test_the_pages_own_files_are_for_the_pages_alone(client: TestClient) -> None:
    headers = client.get("/page/page.css").headers
    assert headers["content-type"] == "text/css; charset=utf-8"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-cache"
    assert "access-control-allow-origin" not in headers


def test_a_loader_the_browser_has_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/embed.js")
    again = client.get("/embed.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["access-control-allow-origin"] == "*"
    assert again.headers["cache-control"] == first.headers["cache-control"]


def test_a_rebuilt_loader_is_sent_anew(client: TestClient, static: Path) -> None:
    etag = client.get("/embed.js").headers["etag"]
    (static / "embed.js").write_text("/* the next one */")
    again = client.get("/embed.js", headers={"If-None-Match": etag})
    assert (again.status_code, again.text) == (200, "/* the next one */")


def test_head_gives_the_headers_alone(client: TestClient) -> None:
    answer = client.head("/embed.js")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(EMBED))


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../build.json",
        "/assets/..%2fbuild.json",
        "/assets/%2e%2e/build.json",
        "/assets/%2e%2e%2f%2e%2e%2fsecret.js",
        "/assets/..%5c..%5csecret.js",
        "/assets//etc/passwd",
        "/assets/%2fetc/passwd",
        "/assets/chat.js%00.css",
        f"/assets/{'a' * 300}",
        "/assets/",
        "/assets/missing.js",
        "/extension/..%2fbuild.json",
        "/page/..%2fpages.py",
        "/page/..%2ftemplates%2fstart.html",
        "/build.json",
        "/static/build.json",
        "/embed.js/x",
    ],
)
def test_nothing_but_the_folders_files_is_served(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "Nothing is here" in answer.text


def test_a_link_out_of_the_folder_is_not_followed(client: TestClient, static: Path) -> None:
    (static / "assets" / "out.js").symlink_to(static.parent / "secret.js")
    assert client.get("/assets/out.js").status_code == 404


@pytest.mark.parametrize("path", ["/embed.js", f"/{CHAT_MODULE}", "/page/page.css", "/", "/chat"])
def test_only_reading_is_allowed(client: TestClient, path: str) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer = client.request(method, path)
        assert answer.status_code == 405
        assert {"GET", "HEAD"} <= set(answer.headers["allow"].split(", "))


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("GZIP", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("br; q=0.000", None),
        ("zstd", None),
        ("", None),
    ],
)
def test_a_compressed_twin_goes_to_those_who_accept_it(
    client: TestClient, static: Path, accept: str, encoding: str | None
) -> None:
    # Only whether the right file is chosen is asked here, so the "br" one holds no real Brotli.
    (static / f"{CHAT_MODULE}.br").write_bytes(b"small")
    (static / f"{CHAT_MODULE}.gz").write_bytes(gzip.compress(b"export {};"))
    with client.stream("GET", f"/{CHAT_MODULE}", headers={"Accept-Encoding": accept}) as answer:
        sent = b"".join(answer.iter_raw())
    suffix = {"br": ".br", "gzip": ".gz", None: ""}[encoding]
    assert sent == (static / f"{CHAT_MODULE}{suffix}").read_bytes()
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("path", ["/", "/chat", "/embed.js", "/assets/panel-4d5e6f.js"])
def test_before_the_first_build_the_answer_says_how_to_make_it(
    open_site: OpenSite, tmp_path: Path, path: str
) -> None:
    answer = open_site(static=tmp_path / "not-built").get(path)
    assert answer.status_code == 503
    assert "make run" in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_a_build_made_while_the_server_runs_is_served(
    open_site: OpenSite, static: Path, tmp_path: Path
) -> None:
    client = open_site(static=tmp_path / "later")
    assert client.get("/chat").status_code == 503
    static.rename(tmp_path / "later")
    assert client.get("/chat").status_code == 200
    assert client.get("/embed.js").text == EMBED


def test_a_broken_build_is_a_server_fault_that_tells_nothing(
    client: TestClient, static: Path
) -> None:
    (static / "build.json").write_text('{"chat": "../secret.js"}')
    answer = client.get("/chat")
    assert answer.status_code == 500
    assert "secret.js" not in answer.text
