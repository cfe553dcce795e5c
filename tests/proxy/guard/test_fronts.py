"""Behind nginx and HAProxy, front and back agree on where each request ends."""

from __future__ import annotations

import socketserver
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pytest

from proxy.guard.fronts import Forwarded, Front, haproxy, nginx
from proxy.guard.served import (
    LAST,
    PATIENCE_SECONDS,
    RecordingApp,
    connect,
    exchange,
    guarding,
    request,
)
from proxy.guard.vectors import REFUSED, SMUGGLED

StartFront = Callable[[Path, int], AbstractContextManager[Front]]

FRONTS = pytest.mark.parametrize("start", [nginx, haproxy], ids=["nginx", "haproxy"])

CHUNKED_POST = request(
    "/chunks",
    "Transfer-Encoding: chunked",
    LAST,
    method="POST",
    body=b"%x\r\n%b\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED),
)


def attack(port: int, *parts: bytes) -> None:
    """Sends `parts`, taking what comes for a moment after each; a front may wait for more for as long as it likes."""
    with connect(port) as client, suppress(ConnectionError):
        client.settimeout(0.3)
        for part in parts:
            client.sendall(part)
            with suppress(TimeoutError):
                while client.recv(65_536):
                    pass


def agreed(front: Front, app: RecordingApp) -> tuple[Forwarded, Forwarded]:
    """What the front passed on, and what the application answered; a front writes its log a moment later."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        answered = Counter((seen.method, _target(seen.path, seen.query)) for seen in app.seen)
        forwarded = front.forwarded()
        if forwarded == answered or time.monotonic() > deadline:
            return forwarded, answered
        time.sleep(0.02)


def _target(path: str, query: bytes) -> str:
    return f"{path}?{query.decode()}" if query else path


@FRONTS
def test_no_request_is_smuggled_past_the_front(start: StartFront, tmp_path: Path) -> None:
    with guarding() as (back, app), start(tmp_path, back) as front:

        def attack_then_ask(number: int, port: int, raw: bytes) -> bytes:
            attack(port, raw)
            return exchange(port, request(f"/victim/{number}", LAST))

        with ThreadPoolExecutor(24) as pool:
            asked = [
                pool.submit(attack_then_ask, 2 * number + which, port, vector.raw)
                for number, vector in enumerate(REFUSED)
                for which, port in enumerate(front.ports)
            ]
            for number, answer in enumerate(asked):
                assert answer.result().endswith(f"/victim/{number}".encode())
        forwarded, answered = agreed(front, app)
    assert forwarded == answered
    assert len(answered) >= len(asked)


@FRONTS
def test_what_is_allowed_arrives_whole_through_the_front(start: StartFront, tmp_path: Path) -> None:
    with guarding() as (back, app), start(tmp_path, back) as front:
        for port in front.ports:
            assert exchange(port, request("/plain?a=b", LAST)).endswith(b"/plain")
            assert exchange(port, CHUNKED_POST).endswith(b"/chunks")
            kept = request("/1") + request("/2", LAST)
            assert exchange(port, kept).endswith(b"/2")
        forwarded, answered = agreed(front, app)
    assert forwarded == answered
    assert [seen.body for seen in app.seen if seen.path == "/chunks"] == [SMUGGLED, SMUGGLED]


class _Careless(socketserver.StreamRequestHandler):
    """Answers what looks like a request, knows lengths and no chunks, and skips what it does not understand."""

    def handle(self) -> None:
        length = 0
        path = ""
        for line in self.rfile:
            words = line.split()
            if len(words) == 3 and words[2].startswith(b"HTTP/1."):
                path = words[1].decode()
            elif line.lower().startswith(b"content-length:"):
                length = int(words[1])
            elif not words and path:
                self.rfile.read(length)
                self.server.paths.append(path)  # type: ignore[attr-defined]  # set where it is made
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                length, path = 0, ""


@contextmanager
def careless() -> Iterator[tuple[int, list[str]]]:
    """A server that hidden requests reach; gives its port and the paths it answered."""
    paths: list[str] = []
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Careless) as server:
        server.daemon_threads = True
        server.paths = paths  # type: ignore[attr-defined]  # its handlers are made by it
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], paths
        server.shutdown()


@FRONTS
def test_a_server_that_reads_lengths_otherwise_is_found_out(
    start: StartFront, tmp_path: Path
) -> None:
    """The control: a server that knows no chunks takes a chunk for the next request."""
    with careless() as (back, answered), start(tmp_path, back) as front:
        # nginx passes chunks on as such only while it does not have them all.
        attack(front.ports[0], CHUNKED_POST[:-5], CHUNKED_POST[-5:])
        deadline = time.monotonic() + PATIENCE_SECONDS
        while "/smuggled" not in answered and time.monotonic() < deadline:
            time.sleep(0.02)
        forwarded = front.forwarded()
    assert "/smuggled" in answered
    assert ("GET", "/smuggled") not in forwarded
