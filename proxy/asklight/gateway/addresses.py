"""The address a request is counted by: the one gate through which forwarded headers are read.

Nobody is trusted by default. Behind configured proxies the rightmost forwarded address that is not one of them
counts, since everything to its left is the client's own claim.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import Scope

from asklight.network import Address, counted_as, is_in, read_address
from asklight.settings import Network


def counted_address(scope: Scope, trusted: Sequence[Network]) -> str:
    """The IPv4 address or IPv6 /64 of the client; ``unknown`` where the server names none (a unix socket)."""
    peer = read_address((scope.get("client") or ("",))[0])
    if peer is not None and is_in(peer, trusted):
        peer = _forwarded(Headers(scope=scope), peer, trusted)
    return "unknown" if peer is None else counted_as(peer)


def _forwarded(headers: Headers, peer: Address, trusted: Sequence[Network]) -> Address:
    claims = ",".join(headers.getlist("x-forwarded-for")).split(",")
    for claim in reversed(claims):
        address = read_address(claim.strip())
        if address is None:
            return peer
        if not is_in(address, trusted):
            return address
        peer = address
    return peer
