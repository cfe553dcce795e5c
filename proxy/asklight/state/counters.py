"""Counting events in windows of time, over the limits library: in memory for one process."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterable

from limits import RateLimitItem
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

Quota = tuple[RateLimitItem, str]
"""So many per so long, for whom."""


class Counters:
    """Moving windows per key."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._deciding = asyncio.Lock()

    async def take(self, quotas: Iterable[Quota]) -> int | None:
        """Counts one event against all of `quotas`, or against none.

        :returns: None where it was counted; otherwise the seconds until it would be.
        """
        wanted = list(quotas)
        async with self._deciding:  # the storage may pause between asking and taking
            exhausted = [quota for quota in wanted if not await self._limiter.test(*quota)]
            if exhausted:
                return max([await self._seconds_left(quota) for quota in exhausted])
            for quota in wanted:
                await self._limiter.hit(*quota)
        return None

    async def _seconds_left(self, quota: Quota) -> int:
        stats = await self._limiter.get_window_stats(*quota)
        return max(1, math.ceil(stats.reset_time - time.time()))
