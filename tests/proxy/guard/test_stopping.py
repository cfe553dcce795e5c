"""Told to stop, the server lets answers end, then goes; nothing and nobody keeps it."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from socket import socket

import pytest

from proxy.guard.child import Child, child
from proxy.guard.served import connect, read_to_end, request

pytestmark = pytest.mark.alone

LONG = 30.0
PROMPTLY = 5.0
"""Seconds; about 0.3 on a machine with nothing else to do. What is waited for in vain would take `LONG`."""


def streams(stack: ExitStack, running: Child, path: str, count: int) -> list[socket]:
    """Connections on each of which an answer has begun."""
    clients = [stack.enter_context(connect(running.port)) for _ in range(count)]
    for client in clients:
        client.sendall(request(path))
    for client in clients:
        until(client, b"begun\r\n")
    return clients


def idle(stack: ExitStack, running: Child, count: int) -> list[socket]:
    """Connections that have had an answer."""
    clients = [stack.enter_context(connect(running.port)) for _ in range(count)]
    for client in clients:
        client.sendall(request("/idle"))
        until(client, b"/idle")
    return clients


def until(client: socket, end: bytes) -> None:
    """Reads until what was received ends so."""
    received = b""
    while not received.endswith(end):
        received += client.recv(65_536)


def test_streams_end_with_a_word_and_the_server_goes_promptly() -> None:
    with child("guard", "draining", LONG) as running, ExitStack() as stack:
        waiting = idle(stack, running, 100)
        reading = streams(stack, running, "/stream", 100)
        seconds, lines = running.end(signal.SIGTERM)
        assert all(read_to_end(client) == b"" for client in waiting)
        assert all(read_to_end(client).endswith(b"drained\r\n0\r\n\r\n") for client in reading)
    assert seconds < PROMPTLY
    assert lines == [f"drain {LONG}", *["cleaned up"] * 100, "stopped"]
    assert running.process.returncode == -signal.SIGTERM


def test_uvicorn_alone_keeps_streams_waiting_then_cuts_them() -> None:
    """The control."""
    with child("guard", "plain", 1) as running, ExitStack() as stack:
        (reading,) = streams(stack, running, "/stream", 1)
        seconds, _ = running.end(signal.SIGTERM)
        assert b"drained" not in read_to_end(reading)
    assert seconds > 1


def test_what_does_not_end_is_cut_in_time_and_cleans_up_before_the_application_stops() -> None:
    with child("guard", "draining", 0.5) as running, ExitStack() as stack:
        streams(stack, running, "/stubborn", 1)
        unread = stack.enter_context(connect(running.port))
        unread.sendall(request("/flood"))
        seconds, lines = running.end(signal.SIGTERM)
    assert 0.5 <= seconds < PROMPTLY
    assert lines == ["drain 0.5", "cleaned up", "stopped"]


def test_a_second_interrupt_cuts_at_once() -> None:
    with child("guard", "draining", LONG) as running, ExitStack() as stack:
        streams(stack, running, "/stubborn", 1)
        seconds, _ = running.end(signal.SIGINT, signal.SIGINT)
    assert seconds < PROMPTLY
