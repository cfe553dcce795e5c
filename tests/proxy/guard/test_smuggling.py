"""No request is hidden in another: whatever could be read in two ways is refused, and ends its connection."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from proxy.guard.served import (
    LAST,
    RecordingApp,
    connect,
    exchange,
    guarding,
    listening,
    read_to_end,
    request,
    responses,
)
from proxy.guard.vectors import REFUSED, SMUGGLED, Vector

Guarded = tuple[int, RecordingApp]


@pytest.fixture(scope="module")
def server() -> Iterator[Guarded]:
    with guarding() as running:
        yield running


@pytest.fixture
def guard(server: Guarded) -> Guarded:
    server[1].seen.clear()
    return server


@pytest.mark.parametrize("vector", REFUSED, ids=str)
def test_an_ambiguous_request_is_refused_and_nothing_after_it_is_read(
    guard: Guarded, vector: Vector
) -> None:
    port, app = guard
    answers = responses(exchange(port, vector.raw + SMUGGLED))
    assert [answer.status for answer in answers] == [vector.status]
    assert answers[0].headers["connection"] == "close"
    assert answers[0].error["code"] and answers[0].error["message"]
    assert [seen.path for seen in app.seen] == []


@pytest.mark.parametrize("vector", REFUSED[::4], ids=str)
def test_it_is_refused_byte_by_byte_too(guard: Guarded, vector: Vector) -> None:
    port, app = guard
    answers = responses(exchange(port, *(vector.raw[i : i + 1] for i in range(len(vector.raw)))))
    assert [answer.status for answer in answers] == [vector.status]
    assert app.seen == []


def test_bare_line_feeds_are_refused_without_waiting_for_another_end(guard: Guarded) -> None:
    assert exchange(guard[0], b"GET / HTTP/1.1\nHost: ask.example\n\n").startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("parser", "accepted"),
    [
        ("h11", {"a length and chunks (CL.TE)", "bare line feeds", "a folded header"}),
        ("httptools", {"no Host", "two Hosts", "a whole address of another host"}),
    ],
)
def test_without_the_guard_such_requests_are_answered(parser: str, accepted: set[str]) -> None:
    """The control: uvicorn's own protocols take what the guard refuses."""
    with listening(RecordingApp(), parser) as port:
        for vector in (vector for vector in REFUSED if vector.name in accepted):
            assert exchange(port, vector.raw + request("/", LAST)).startswith(b"HTTP/1.1 200")


def test_a_refused_head_request_has_no_body_in_its_answer(guard: Guarded) -> None:
    received = exchange(guard[0], b"HEAD / HTTP/1.1\r\n\r\n")
    assert received.startswith(b"HTTP/1.1 400 ")
    assert received.endswith(b"\r\n\r\n")


def test_requests_sent_ahead_are_answered_in_their_order_one_at_a_time(guard: Guarded) -> None:
    port, app = guard
    sent = request("/1") + request("/2", "Content-Length: 5", method="POST", body=b"hello")
    sent += request(
        "/3", "Transfer-Encoding: chunked", method="POST", body=b"5\r\nworld\r\n0\r\n\r\n"
    )
    answers = responses(exchange(port, sent + request("/4", LAST) + SMUGGLED))
    assert [answer.body for answer in answers] == [b"/1", b"/2", b"/3", b"/4"]
    assert [seen.body for seen in app.seen] == [b"", b"hello", b"world", b""]


def test_a_good_request_before_a_bad_one_is_answered(guard: Guarded) -> None:
    answers = responses(exchange(guard[0], request("/good") + b"GET / HTTP/1.1\r\n\r\n"))
    assert [answer.status for answer in answers] == [200, 400]


def test_a_bad_body_after_a_good_request_is_refused(guard: Guarded) -> None:
    bad = request("/bad", "Transfer-Encoding: chunked", method="POST", body=b"zz\r\n")
    answers = responses(exchange(guard[0], request("/good") + bad))
    assert [answer.status for answer in answers] == [200, 400]


def test_what_follows_a_connections_last_request_is_never_read(guard: Guarded) -> None:
    port, app = guard
    for last in (request("/last", LAST), b"GET /last HTTP/1.0\r\n\r\n"):
        assert len(responses(exchange(port, last + SMUGGLED))) == 1
    assert [seen.path for seen in app.seen] == ["/last", "/last"]


def test_http_1_0_is_answered_and_closed_though_it_asks_to_be_kept(guard: Guarded) -> None:
    raw = b"GET /old HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n"
    answers = responses(exchange(guard[0], raw + SMUGGLED))
    assert [answer.body for answer in answers] == [b"/old"]


def test_the_end_of_an_early_answered_body_is_not_taken_for_a_request(guard: Guarded) -> None:
    port, app = guard
    with connect(port) as client:
        client.sendall(request("/early", f"Content-Length: {len(SMUGGLED)}", method="POST"))
        assert client.recv(65_536).endswith(b"/early")
        client.sendall(SMUGGLED + request("/next", LAST))
        assert client.recv(65_536).endswith(b"/next")
    assert [seen.path for seen in app.seen] == ["/early", "/next"]


def test_an_upgrade_is_ignored_and_its_body_stays_a_body(guard: Guarded) -> None:
    port, app = guard
    lines = ("Connection: Upgrade, close", "Upgrade: h2c", f"Content-Length: {len(SMUGGLED)}")
    answers = responses(exchange(port, request("/up", *lines, method="POST", body=SMUGGLED)))
    assert [answer.status for answer in answers] == [200]
    assert [seen.body for seen in app.seen] == [SMUGGLED]


def test_who_waits_for_100_continue_gets_it_once_whatever_the_application_does(
    guard: Guarded,
) -> None:
    lines = ("Expect: 100-continue", f"Content-Length: {len(SMUGGLED)}", LAST)
    with connect(guard[0]) as client:
        client.sendall(request("/", *lines, method="POST"))
        received = client.recv(65_536)
        assert received == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert guard[1].seen == []
        client.sendall(SMUGGLED[:5])
        client.sendall(SMUGGLED[5:])
        (answer,) = responses(read_to_end(client))
    assert answer.status == 200


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"http://ask.example/a?b", "/a", b"b"),
        (b"HTTP://Ask.Example:80?b", "/", b"b"),
        (b"//other.example/a", "//other.example/a", b""),
    ],
)
def test_a_target_means_the_same_in_every_form(
    guard: Guarded, target: bytes, path: str, query: bytes
) -> None:
    port, app = guard
    exchange(
        port, b"GET " + target + b" HTTP/1.1\r\nHost: ask.example\r\nConnection: close\r\n\r\n"
    )
    assert [(seen.path, seen.query) for seen in app.seen] == [(path, query)]


def test_one_empty_line_before_a_request_is_forgiven(guard: Guarded) -> None:
    answers = responses(exchange(guard[0], b"\r", b"\n" + request("/", LAST)))
    assert [answer.status for answer in answers] == [200]
