"""Whatever some clients do, the others are served as if nothing were."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from socket import socket

import pytest

from proxy.guard.child import Kind, child
from proxy.guard.served import connect, request

pytestmark = pytest.mark.alone

STALL_SECONDS = 0.05
NOISY_WAIT_SECONDS = 0.25
"""The same as a client sees it, on a machine that may be busy with more than this test."""

STALLED = 40
ROUNDS = 3
ROUND_SECONDS = 0.25
ATTACKERS = 8
_MANY_HEADERS = b"GET / HTTP/1.1\r\nHost: ask.example\r\n" + b"a:b\r\n" * 500_000
_LONG_HEADER = b"GET / HTTP/1.1\r\nHost: ask.example\r\nX: " + b"x" * 4_000_000
_MANY_CHUNKS = request("/", "Transfer-Encoding: chunked", method="POST") + b"1\r\nx\r\n" * 500_000

Attack = Callable[[int, threading.Event], None]


def send_again_and_again(*payloads: bytes) -> Attack:
    """Sends `payloads` as fast as they are taken, each on a connection of its own."""

    def attack(port: int, is_over: threading.Event) -> None:
        while not is_over.is_set():
            for payload in payloads:
                with suppress(OSError), connect(port) as client:
                    client.sendall(payload)

    return attack


def half_sent(port: int, is_over: threading.Event) -> None:
    """Keeps requests half sent and goes on with each, a byte at a time."""
    with ExitStack() as stack, suppress(OSError):
        clients = [stack.enter_context(connect(port)) for _ in range(25)]
        for byte in request("/", "X: " + "x" * 1_000):
            for client in clients:
                client.sendall(bytes([byte]))
            if is_over.wait(0.01):
                return


def never_reading(port: int, is_over: threading.Event) -> None:
    """Asks for floods and reads none."""
    with ExitStack() as stack:
        for _ in range(10):
            client = stack.enter_context(connect(port, receive_buffer=4_096))
            client.sendall(request("/flood"))
        is_over.wait()


ATTACKS: dict[str, Attack] = {
    "huge headers": send_again_and_again(_MANY_HEADERS, _LONG_HEADER),
    "countless chunks": send_again_and_again(_MANY_CHUNKS),
    "half-sent requests": half_sent,
    "readers that do not read": never_reading,
}


@contextmanager
def under(attack: Attack, port: int) -> Iterator[None]:
    """While several clients attack the server."""
    is_over = threading.Event()
    with ThreadPoolExecutor(ATTACKERS) as pool:
        for _ in range(ATTACKERS):
            pool.submit(attack, port, is_over)
        try:
            yield
        finally:
            is_over.set()


@dataclass(frozen=True)
class Waits:
    """What an attack cost the others, in seconds.

    :param stall: the most that the server computed at a stretch, as its processor time tells: whatever else the machine
        does has no part in it.
    :param wait: the longest that a well-behaved client waited for an answer, in the best of some rounds.
    """

    stall: float
    wait: float


def waits(port: int, attack: Attack) -> Waits:
    """What `attack` costs the others."""
    with connect(port) as client:
        ask(client, "/stall")  # begins to measure
        with under(attack, port):
            rounds = [_longest_wait(client) for _ in range(ROUNDS)]
            stall = float(ask(client, "/stall"))
    return Waits(stall, min(rounds))


def _longest_wait(client: socket) -> float:
    longest = 0.0
    ends = time.monotonic() + ROUND_SECONDS
    while (asked := time.monotonic()) < ends:
        ask(client, "/")
        longest = max(longest, time.monotonic() - asked)
    return longest


def ask(client: socket, path: str) -> bytes:
    """Asks on a kept connection; the answer's body."""
    client.sendall(request(path))
    received = b""
    while not received.partition(b"\r\n\r\n")[2]:
        received += client.recv(65_536)
    return received.partition(b"\r\n\r\n")[2]


@pytest.fixture(scope="module")
def guarded_port() -> Iterator[int]:
    with child("guard") as server:
        yield server.port


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_makes_nobody_else_wait(guarded_port: int, name: str) -> None:
    found = waits(guarded_port, ATTACKS[name])
    assert found.stall < STALL_SECONDS
    assert found.wait < NOISY_WAIT_SECONDS


def test_without_the_guard_huge_headers_stall_everybody() -> None:
    """The control."""
    with child("httptools") as server:
        assert waits(server.port, ATTACKS["huge headers"]).stall > STALL_SECONDS


@pytest.mark.parametrize(
    ("kind", "is_within"), [("guard", True), ("httptools", False)], ids=["guarded", "control"]
)
def test_a_reader_that_stalls_costs_no_more_than_512_kib(kind: Kind, is_within: bool) -> None:
    with child(kind) as server, ExitStack() as stack:
        asking = stack.enter_context(connect(server.port))
        before = memory(asking)
        for _ in range(STALLED):
            client = stack.enter_context(connect(server.port, receive_buffer=4_096))
            client.sendall(request("/flood"))
        each = (settled_memory(asking) - before) / STALLED
    assert (each <= 512 * 1024) is is_within


def memory(client: socket) -> int:
    """Bytes that the server and the kernel hold for its connections."""
    return sum(json.loads(ask(client, "/memory")).values())


def settled_memory(client: socket) -> int:
    """The same, once it grows no more."""
    last = 0
    while (now := memory(client)) > last:
        last = now
        time.sleep(0.2)
    return now
