"""The address a request is counted by: the one gate through which forwarded headers are read.

Nobody is trusted by default. Behind configured proxies the rightmost forwarded address that is not one of them
counts, since everything to its left is the client's own claim.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Scope

from asklight.settings import Network

_IPV6_SITE_BITS: Final = 64
"""An IPv6 customer has at least a /64 to choose addresses from: it counts as one."""


def counted_address(scope: Scope, trusted: Sequence[Network]) -> str:
    """The IPv4 address or IPv6 /64 of the client; ``unknown`` where the server names none (a unix socket)."""
    peer = _parse((scope.get("client") or ("",))[0])
    if peer is not None and _is_trusted(peer, trusted):
        peer = _forwarded(Headers(scope=scope), peer, trusted)
    return "unknown" if peer is None else _network(peer)


def _forwarded(
    headers: Headers,
    peer: ipaddress.IPv4Address | ipaddress.IPv6Address,
    trusted: Sequence[Network],
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    claims = ",".join(headers.getlist("x-forwarded-for")).split(",")
    for claim in reversed(claims):
        address = _parse(claim.strip())
        if address is None:
            return peer
        if not _is_trusted(address, trusted):
            return address
        peer = address
    return peer


def _parse(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _is_trusted(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, trusted: Sequence[Network]
) -> bool:
    return any(address in network for network in trusted)


def _network(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.ip_network((address, _IPV6_SITE_BITS), strict=False))
