"""Every limit of the guard, with its default and its consequence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from asklight.contract import BODY_LIMIT_BYTES

BODY_SLACK_BYTES: Final = 64 * 1024
"""A body a little over the contract's limit still reaches the application, whose refusal a page of another origin can
read; ours it cannot."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one connection, one address and all of them together may take.

    :param header_bytes: request line and headers of one request together; beyond it 431.
    :param header_count: header lines of one request; beyond it 431.
    :param header_seconds: from a request's first byte to the end of its headers; beyond it 408. A new connection that
        sends nothing for as long is closed without a word.
    :param body_bytes: a request's body, without its chunks' frames; beyond it 413.
    :param body_seconds: from the end of the headers to the end of the body; beyond it 408.
    :param send_seconds: how long a reader may take none of what waits for it; then the connection is reset.
    :param idle_seconds: how long a connection is kept between two requests; then it is closed. Longer than the idle
        pools of front proxies, so that none sends into a connection that is just closing.
    :param connections_per_address: open connections of an IPv4 address or an IPv6 /64; beyond it 429. Trusted proxies
        are not counted by address.
    :param connections: open connections in all; beyond it 503.
    """

    header_bytes: int = 32 * 1024
    header_count: int = 100
    header_seconds: float = 10
    body_bytes: int = BODY_LIMIT_BYTES + BODY_SLACK_BYTES
    body_seconds: float = 30
    send_seconds: float = 30
    idle_seconds: float = 75
    connections_per_address: int = 200
    connections: int = 10_000
