"""How often one session and one address may ask: what keeps a forged origin from being a free model."""

from __future__ import annotations

from asklight.errors import RateLimited
from asklight.gateway.sessions import Session
from asklight.settings import RateLimits, Site
from asklight.state.counters import Counters, Quota


class RateLimiter:
    """Counts messages, conversations and new sessions against a site's limits.

    What a session may do, all sessions of a vouched user may do together.
    """

    def __init__(self, counters: Counters) -> None:
        self._counters = counters

    async def count_message(self, site: Site, session: Session, address: str) -> None:
        """:raises RateLimited: this session or this address has asked often enough."""
        await self._take(
            _quotas(
                site.limits.messages_per_session, f"message/session/{site.id}/{session.visitor}"
            ),
            _quotas(site.limits.messages_per_address, f"message/address/{site.id}/{address}"),
        )

    async def count_conversation(self, site: Site, session: Session) -> None:
        """:raises RateLimited: this session has begun enough conversations."""
        limits = site.limits.conversations_per_session
        await self._take(_quotas(limits, f"conversation/session/{site.id}/{session.visitor}"))

    async def count_session(self, site: Site, address: str) -> None:
        """:raises RateLimited: this address has begun enough sessions."""
        limits = site.limits.sessions_per_address
        await self._take(_quotas(limits, f"session/address/{site.id}/{address}"))

    async def _take(self, *quotas: list[Quota]) -> None:
        seconds = await self._counters.take(quota for part in quotas for quota in part)
        if seconds is not None:
            raise RateLimited(retry_after=seconds)


def _quotas(limits: RateLimits, key: str) -> list[Quota]:
    return [(limit, key) for limit in limits]
