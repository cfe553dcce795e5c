"""Who may connect: so many connections in all, and so many from one address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from asklight.errors import ApiError, RateLimited, ServiceUnavailable
from asklight.guard.bounds import Bounds
from asklight.network import counted_as, is_in, read_address
from asklight.settings import Network

ANSWERED_BEYOND_LIMIT: Final = 50
"""So many connections beyond a limit are told so; more are reset, since an answer keeps a connection for a moment."""

_RETRY_SECONDS: Final = 5
_PEERS_KEPT: Final = 1_024
"""So many addresses are remembered with what they count as: most who connect do it again."""


@dataclass(slots=True)
class Visit:
    """One connection at the door.

    :param counted_as: the address or network it counts for; None where only the total counts.
    :param refusal: why it may not come in.
    :param is_answered: whether it is told so.
    """

    counted_as: str | None
    refusal: ApiError | None = None
    is_answered: bool = True


class Door:
    """Counts the open connections of one listening server.

    :param trusted: networks of the proxies in front, which connect for many; they are not counted by address.
    """

    def __init__(self, bounds: Bounds, trusted: Sequence[Network] = ()) -> None:
        self._bounds = bounds
        self._trusted = tuple(trusted)
        self._open = 0
        self._open_by_address: Counter[str] = Counter()
        self._counted_as = lru_cache(_PEERS_KEPT)(self._name_of)

    def enter(self, peer: str | None) -> Visit:
        """Counts a connection, a refused one too, until :meth:`leave`.

        :param peer: the IP address at its other end; None where there is none (a unix socket).
        """
        name = self._counted_as(peer)
        visit = self._judge(name)
        self._open += 1
        if name is not None:
            self._open_by_address[name] += 1
        return visit

    def leave(self, visit: Visit) -> None:
        """Counts the connection no longer."""
        self._open -= 1
        if visit.counted_as is not None:
            self._open_by_address[visit.counted_as] -= 1
            if not self._open_by_address[visit.counted_as]:
                del self._open_by_address[visit.counted_as]

    def _judge(self, name: str | None) -> Visit:
        beyond = self._open - self._bounds.connections
        if beyond >= 0:
            refusal: ApiError = ServiceUnavailable(retry_after=_RETRY_SECONDS)
            return Visit(name, refusal, beyond < ANSWERED_BEYOND_LIMIT)
        if name is not None:
            beyond = self._open_by_address[name] - self._bounds.connections_per_address
            if beyond >= 0:
                refusal = RateLimited(
                    "Too many connections from this address. Please try again later.",
                    retry_after=_RETRY_SECONDS,
                )
                return Visit(name, refusal, beyond < ANSWERED_BEYOND_LIMIT)
        return Visit(name)

    def _name_of(self, peer: str | None) -> str | None:
        address = None if peer is None else read_address(peer)
        return None if address is None or is_in(address, self._trusted) else counted_as(address)
