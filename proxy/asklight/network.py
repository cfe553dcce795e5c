"""IP addresses as clients are counted by them: one for IPv4, a whole /64 for IPv6."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from asklight.settings import Network

_IPV6_SITE_BITS: Final = 64
"""An IPv6 customer has at least a /64 to choose addresses from: it counts as one."""

_READ_KEPT: Final = 1_024
"""So many addresses are remembered as read: each connection and each request names one."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@lru_cache(_READ_KEPT)
def read_address(text: str) -> Address | None:
    """`text` as an address, without its zone (RFC 4007); None where it is none.

    An IPv4 address written as IPv6 (RFC 4291, section 2.5.5.2) is the IPv4 address.
    """
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def is_in(address: Address, networks: Sequence[Network]) -> bool:
    """Whether `address` is in one of `networks`."""
    return any(address in network for network in networks)


@lru_cache(_READ_KEPT)
def counted_as(address: Address) -> str:
    """What `address` is counted by."""
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.ip_network((address, _IPV6_SITE_BITS), strict=False))
