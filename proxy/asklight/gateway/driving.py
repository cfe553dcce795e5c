"""Running a coroutine from a callback, without a task for the case that it need not wait.

A relay's body messages rarely wait: the server's ``send`` writes to its transport and returns. Waking a task for each
would cost more than the write. So the coroutine is started right where the news arrives; only if it waits (the reader
is slow) does a task finish it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Generator
from functools import partial
from typing import Any


def run_now(awaitable: Awaitable[None]) -> Awaitable[None] | None:
    """Starts `awaitable`; None where it is done, else what to await to finish it, in a task.

    :raises Exception: what it raises before it waits.
    """
    steps = awaitable.__await__()
    try:
        waiting_for = next(steps)
    except StopIteration:
        return None
    return Rest(steps, waiting_for)


class Rest:
    """What is left of an awaitable that was started outside a task."""

    def __init__(self, steps: Generator[Any, Any, Any], waiting_for: Any) -> None:
        self._steps = steps
        self._waiting_for = waiting_for

    def __await__(self) -> Generator[Any, Any, None]:
        waiting_for = self._waiting_for
        while True:
            try:
                value = yield waiting_for
            except BaseException as error:  # cancellation is the coroutine's to see
                advance = partial(self._steps.throw, error)
            else:
                advance = partial(self._steps.send, value)
            try:
                waiting_for = advance()
            except StopIteration:
                return
