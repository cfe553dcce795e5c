"""Each limit has its consequence: the right status in the contract's shape, and the end of the connection."""

from __future__ import annotations

import ipaddress
import select
import socket
import time

import pytest

from asklight.guard import protocol
from asklight.guard.bodies import CHUNK_FRAMES_BYTES
from asklight.guard.bounds import Bounds
from asklight.guard.door import ANSWERED_BEYOND_LIMIT
from asklight.guard.requests import AHEAD_BYTES
from proxy.guard.served import (
    LAST,
    PATIENCE_SECONDS,
    Response,
    connect,
    exchange,
    guarding,
    read_to_end,
    request,
    responses,
)

pytestmark = pytest.mark.alone

SOON = 0.2
"""Seconds: long enough for a busy machine to take a request, short enough to wait for."""


def is_reset(client: socket.socket) -> bool:
    """Whether the server resets the connection, seen without reading from it."""
    poll = select.poll()
    poll.register(client, 0)  # errors and the end in both directions, nothing else
    return bool(poll.poll(PATIENCE_SECONDS * 1_000))


def only(received: bytes) -> Response:
    """The one response a client got."""
    (response,) = responses(received)
    return response


def test_headers_up_to_the_limit_pass_and_one_byte_more_is_431() -> None:
    with guarding(Bounds(header_bytes=1_000)) as (port, _):
        rest = 1_000 - len(request("/", LAST, "X: "))
        fits, too_long = (request("/", LAST, "X: " + "x" * n) for n in (rest, rest + 1))
        assert only(exchange(port, fits)).status == 200
        refused = only(exchange(port, too_long))
    assert (refused.status, refused.error["code"]) == (431, "REQUEST_HEADER_FIELDS_TOO_LARGE")
    assert refused.error["details"] == {"limit": 1_000}


def test_headers_without_an_end_are_431_as_soon_as_they_are_too_long() -> None:
    with guarding(Bounds(header_bytes=1_000)) as (port, _), connect(port) as client:
        client.sendall(b"GET /" + b"x" * 1_000)
        assert only(read_to_end(client)).status == 431


def test_too_many_headers_are_431() -> None:
    with guarding(Bounds(header_count=3)) as (port, _):
        assert only(exchange(port, request("/", LAST, "X: 1"))).status == 200
        assert only(exchange(port, request("/", LAST, "X: 1", "X: 2"))).status == 431


def test_headers_that_take_too_long_are_408() -> None:
    with guarding(Bounds(header_seconds=SOON)) as (port, _):
        for half in (b"G", request("/")[:-1]):
            refused = only(exchange(port, half))
            assert (refused.status, refused.error["code"]) == (408, "REQUEST_TIMEOUT")


def test_dripping_headers_gain_no_time() -> None:
    with guarding(Bounds(header_seconds=SOON)) as (port, _), connect(port) as client:
        client.settimeout(0.05)
        received = b""
        started = time.monotonic()
        for byte in request("/", "X: " + "x" * 1_000):
            client.sendall(bytes([byte]))
            try:
                received = client.recv(65_536)
                break
            except TimeoutError:
                continue
    assert received.startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - started < PATIENCE_SECONDS


def test_a_new_connection_that_says_nothing_is_closed_without_a_word() -> None:
    with guarding(Bounds(header_seconds=SOON)) as (port, _), connect(port) as client:
        assert read_to_end(client) == b""


def test_an_idle_connection_is_closed_without_a_word() -> None:
    with guarding(Bounds(idle_seconds=SOON)) as (port, _):
        assert only(exchange(port, request("/"))).status == 200


def test_empty_lines_keep_no_idle_connection_open() -> None:
    with guarding(Bounds(idle_seconds=SOON)) as (port, _):
        assert only(exchange(port, request("/") + b"\r\n")).status == 200


def test_an_idle_connection_serves_again_though_its_headers_come_late_and_slowly() -> None:
    """uvicorn's own idle timer must not fire while headers are under way."""
    with guarding(Bounds(idle_seconds=1, header_seconds=3)) as (port, app), connect(port) as client:
        client.sendall(request("/1"))
        assert client.recv(65_536).endswith(b"/1")
        again = request("/2", LAST)
        for part in (again[:5], again[5:20], again[20:]):
            time.sleep(0.45)  # what is tested is time that passes
            client.sendall(part)
        assert only(read_to_end(client)).body == b"/2"
    assert len(app.seen) == 2


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_up_to_the_limit_passes_and_one_byte_more_is_413(is_chunked: bool) -> None:
    def upload(size: int) -> bytes:
        body = b"x" * size
        if is_chunked:
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (size, body)
        framing = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {size}"
        return request("/", framing, LAST, method="POST", body=body)

    with guarding(Bounds(body_bytes=100_000)) as (port, app):
        assert only(exchange(port, upload(100_000))).status == 200
        refused = only(exchange(port, upload(100_001)))
    assert (refused.status, refused.error["code"]) == (413, "PAYLOAD_TOO_LARGE")
    assert refused.error["details"] == {"limit": 100_000}
    assert [len(seen.body) for seen in app.seen] == [100_000]


@pytest.mark.parametrize(("path", "status"), [("/", 413), ("/early", 200)])
def test_a_client_that_goes_on_sending_after_its_last_answer_is_not_reset(
    path: str, status: int
) -> None:
    """Were the connection closed at once, the reset would overtake the answer on a longer way than this."""
    length = 1_000 if path == "/early" else 1_000_000
    with guarding(Bounds(body_bytes=1_000)) as (port, _), connect(port) as client:
        client.sendall(request(path, f"Content-Length: {length}", LAST, method="POST"))
        assert client.recv(65_536).startswith(f"HTTP/1.1 {status} ".encode())
        for _ in range(10):
            client.sendall(b"x" * 10_000)
            time.sleep(0.01)  # a reset needs a moment to come


def test_a_body_in_too_many_chunks_is_413() -> None:
    many = b"1\r\nx\r\n" * (CHUNK_FRAMES_BYTES // 5 + 1)
    upload = request("/", "Transfer-Encoding: chunked", method="POST", body=many)
    with guarding() as (port, _):
        assert only(exchange(port, upload)).status == 413


@pytest.mark.parametrize("framing", ["Content-Length: 5", "Transfer-Encoding: chunked"])
def test_a_body_that_takes_too_long_is_408(framing: str) -> None:
    with guarding(Bounds(body_seconds=SOON)) as (port, app):
        assert only(exchange(port, request("/", framing, method="POST", body=b"4"))).status == 408
    assert app.seen == []


def test_a_body_that_never_comes_after_its_answer_gets_no_second_one() -> None:
    with guarding(Bounds(body_seconds=SOON)) as (port, _):
        raw = request("/early", "Content-Length: 5", method="POST", body=b"x")
        assert only(exchange(port, raw)).body == b"/early"


def test_a_reader_that_stopped_reading_is_let_go() -> None:
    with guarding(Bounds(send_seconds=SOON)) as (port, app), connect(port) as client:
        client.sendall(request("/flood"))
        assert app.readers_gone.acquire(timeout=PATIENCE_SECONDS)


def test_a_reader_is_let_go_though_all_that_waits_for_it_is_in_the_kernel() -> None:
    """Which notices by itself: the guard has nothing that waits."""
    bounds = Bounds(send_seconds=SOON)
    with guarding(bounds) as (port, app), connect(port, receive_buffer=4_096) as client:
        client.sendall(request("/brim"))
        assert app.readers_gone.acquire(timeout=PATIENCE_SECONDS)


def test_a_reader_that_stopped_reading_is_let_go_after_its_answer_too() -> None:
    """Once an answer is written and the connection closed, nobody waits for room any more."""
    bounds = Bounds(send_seconds=SOON)
    with guarding(bounds) as (port, _), connect(port, receive_buffer=4_096) as client:
        client.sendall(request("/large", LAST))
        assert is_reset(client)


def test_a_slow_reader_keeps_its_stream() -> None:
    bounds = Bounds(send_seconds=1)
    with guarding(bounds) as (port, app), connect(port, receive_buffer=131_072) as client:
        client.sendall(request("/flood"))
        until = time.monotonic() + 1.8
        while time.monotonic() < until:
            assert client.recv(16_384)
            time.sleep(0.02)
        assert not app.readers_gone.acquire(blocking=False)


def test_what_is_sent_ahead_of_an_answer_is_bounded() -> None:
    with guarding() as (port, app), connect(port) as client:
        client.sendall(request("/held"))
        assert client.recv(65_536)
        client.sendall(request("/next") * 10 + b"x" * AHEAD_BYTES)
        assert app.readers_gone.acquire(timeout=PATIENCE_SECONDS)
    assert app.seen == []


def held(port: int, host: str = "127.0.0.1") -> socket.socket:
    """A connection that has been let in."""
    client = connect(port, host)
    client.sendall(request("/held"))
    assert client.recv(65_536).startswith(b"HTTP/1.1 200 ")
    return client


def test_connections_over_an_addresss_share_are_429_until_one_ends() -> None:
    with guarding(Bounds(connections_per_address=2)) as (port, app):
        first, second = held(port), held(port)
        refused = only(exchange(port, request("/", LAST)))
        assert (refused.status, refused.error["code"]) == (429, "RATE_LIMIT_EXCEEDED")
        assert refused.headers["retry-after"] == str(refused.error["details"]["retryAfter"])
        first.close()
        assert app.readers_gone.acquire(timeout=PATIENCE_SECONDS)
        assert only(exchange(port, request("/", LAST))).status == 200
        second.close()


def test_connections_over_the_total_are_503() -> None:
    with guarding(Bounds(connections=1)) as (port, _), held(port):
        refused = only(exchange(port, request("/", LAST)))
        assert (refused.status, refused.error["code"]) == (503, "SERVICE_UNAVAILABLE")
        assert refused.headers["retry-after"] == str(refused.error["details"]["retryAfter"])


def test_a_refused_connection_that_says_nothing_does_not_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "LINGER_SECONDS", SOON)
    with guarding(Bounds(connections=1)) as (port, _), held(port), connect(port) as refused:
        assert read_to_end(refused) == b""


def test_far_over_a_limit_connections_are_reset() -> None:
    with guarding(Bounds(connections=1)) as (port, _), held(port):
        silent = [connect(port) for _ in range(ANSWERED_BEYOND_LIMIT)]
        assert exchange(port, request("/", LAST)) == b""
        for client in silent:
            client.close()


def test_trusted_proxies_are_not_counted_by_address() -> None:
    loopback = (ipaddress.ip_network("127.0.0.0/8"),)
    with guarding(Bounds(connections_per_address=1), trusted=loopback) as (port, _), held(port):
        assert only(exchange(port, request("/", LAST))).status == 200


def test_an_ipv6_client_is_counted_too() -> None:
    bounds = Bounds(connections_per_address=1)
    with guarding(bounds, host="::1") as (port, _), held(port, "::1"), connect(port, "::1") as more:
        more.sendall(request("/", LAST))
        assert only(read_to_end(more)).status == 429
