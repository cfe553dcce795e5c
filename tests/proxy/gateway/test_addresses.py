"""Which address a request is counted by, and that nobody can choose it."""

from __future__ import annotations

import ipaddress

import pytest

from asklight.gateway.addresses import counted_address
from asklight.settings import Network

PROXIES: tuple[Network, ...] = (
    ipaddress.ip_network("10.0.0.0/8"),
    ipaddress.ip_network("127.0.0.1/32"),
    ipaddress.ip_network("fd00::/8"),
)
NOBODY: tuple[Network, ...] = ()


def counted(
    peer: str | None,
    *forwarded: str,
    trusted: tuple[Network, ...] = PROXIES,
    name: str = "x-forwarded-for",
) -> str:
    """The address a request from `peer` with these forwarding headers is counted by."""
    headers = [(name.encode(), value.encode("latin-1")) for value in forwarded]
    client = None if peer is None else (peer, 50_000)
    return counted_address({"type": "http", "client": client, "headers": headers}, trusted)


@pytest.mark.parametrize("peer", ["127.0.0.1", "10.0.0.1", "203.0.113.5"])
def test_by_default_nobody_is_believed(peer: str) -> None:
    assert counted(peer, "198.51.100.7", trusted=NOBODY) == peer
    assert counted(peer, trusted=NOBODY) == peer


def test_a_stranger_is_not_believed_because_others_are() -> None:
    assert counted("203.0.113.5", "198.51.100.7") == "203.0.113.5"


def test_behind_a_trusted_proxy_the_client_it_names_counts() -> None:
    assert counted("10.0.0.1", "198.51.100.7") == "198.51.100.7"


@pytest.mark.parametrize(
    "claimed", ["1.2.3.4", "10.0.0.9", "127.0.0.1", "1.2.3.4, 10.0.0.9", "nonsense", "", ",,,"]
)
def test_what_the_client_claims_stands_to_the_left_and_does_not_count(claimed: str) -> None:
    """A naive reader takes the leftmost address, which is the client's own word."""
    header = f"{claimed}, 198.51.100.7"
    assert header.split(",")[0].strip() != "198.51.100.7"
    assert counted("10.0.0.1", header) == "198.51.100.7"
    assert counted("10.0.0.1", claimed, "198.51.100.7") == "198.51.100.7"
    assert counted("10.0.0.1", f"{header}, 10.0.0.2, fd00::1") == "198.51.100.7"


@pytest.mark.parametrize(
    "garbage",
    ["", "unknown", "198.51.100.7:4711", "[2001:db8::1]", "256.1.1.1", "1.2.3.4 5", "\xb2"],
)
def test_behind_what_cannot_be_read_the_proxy_itself_counts(garbage: str) -> None:
    assert counted("10.0.0.1", garbage) == "10.0.0.1"
    assert counted("10.0.0.1", f"1.2.3.4, {garbage}, 10.0.0.2") == "10.0.0.2"


def test_a_request_that_began_at_a_proxy_counts_as_the_first_of_them() -> None:
    assert counted("10.0.0.1") == "10.0.0.1"
    assert counted("10.0.0.1", "10.0.0.3, 10.0.0.2") == "10.0.0.3"


@pytest.mark.parametrize("name", ["forwarded", "x-real-ip", "cf-connecting-ip", "x-client-ip"])
def test_no_other_header_is_read(name: str) -> None:
    assert counted("10.0.0.1", "198.51.100.7", name=name) == "10.0.0.1"


def test_an_ipv6_customer_counts_as_one_whichever_address_of_theirs_they_use() -> None:
    network = ipaddress.IPv6Network("2001:db8:1:2::/64")
    addresses = {str(network[number]) for number in (1, 2, 2**40, 2**64 - 1)}
    assert len(addresses) == 4
    assert {counted(address) for address in addresses} == {"2001:db8:1:2::/64"}
    assert {counted("10.0.0.1", address) for address in addresses} == {"2001:db8:1:2::/64"}
    assert counted("2001:db8:1:3::1") == "2001:db8:1:3::/64"


def test_a_zone_does_not_make_another_address() -> None:
    assert counted("fe80::1%eth0") == counted("fe80::1%eth1") == "fe80::/64"


def test_an_ipv4_address_is_the_same_however_a_dual_socket_writes_it() -> None:
    assert counted("::ffff:203.0.113.5") == counted("::ffff:cb00:7105") == "203.0.113.5"
    assert counted("::ffff:10.0.0.1", "::ffff:198.51.100.7") == "198.51.100.7"


@pytest.mark.parametrize("peer", [None, "", "testclient"])
def test_a_peer_without_an_address_counts_as_one_and_is_not_believed(peer: str | None) -> None:
    assert counted(peer, "198.51.100.7") == "unknown"
