"""Who is let in: counted by address, by network and in all."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from asklight.errors import RateLimited, ServiceUnavailable
from asklight.guard.bounds import Bounds
from asklight.guard.door import ANSWERED_BEYOND_LIMIT, Door


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8::2:3", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
    ],
)
def test_an_ipv4_address_or_an_ipv6_network_counts_as_one(
    one: str, other: str, is_same: bool
) -> None:
    door = Door(Bounds(connections_per_address=1))
    assert door.enter(one).refusal is None
    assert isinstance(door.enter(other).refusal, RateLimited) is is_same


def test_who_leaves_makes_room() -> None:
    door = Door(Bounds(connections=1))
    first = door.enter("192.0.2.1")
    refused = door.enter("192.0.2.2")
    assert isinstance(refused.refusal, ServiceUnavailable)
    door.leave(refused)
    door.leave(first)
    assert door.enter("192.0.2.3").refusal is None


def test_a_trusted_proxy_counts_in_the_total_alone() -> None:
    door = Door(Bounds(connections_per_address=1, connections=2), [ip_network("192.0.2.0/24")])
    assert [door.enter("192.0.2.1").refusal for _ in range(2)] == [None, None]
    assert isinstance(door.enter("192.0.2.1").refusal, ServiceUnavailable)


def test_a_connection_without_an_address_counts_in_the_total_alone() -> None:
    door = Door(Bounds(connections_per_address=1))
    assert [door.enter(None).refusal for _ in range(2)] == [None, None]


def test_those_far_over_a_limit_get_no_answer() -> None:
    door = Door(Bounds(connections_per_address=1))
    visits = [door.enter("192.0.2.1") for _ in range(ANSWERED_BEYOND_LIMIT + 2)]
    assert [visit.is_answered for visit in visits[-2:]] == [True, False]
    assert door.enter("192.0.2.2").refusal is None
