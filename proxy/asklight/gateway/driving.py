"""Running a coroutine from a callback, without a task for the case that it need not wait.

A relay's body messages rarely wait: the server's ``send`` writes to its transport and returns. Waking a task for each
would cost more than the write. So the coroutine is started right where the news arrives; only if it waits (the reader
is slow) does a task finish it.

A coroutine's end is an exception to whoever drives it, which is half of what driving it costs. So events
that follow each other go through :func:`sending`, which does not end.
"""

from __future__ import annotations

from collections.abc import Awaitable, Generator
from functools import partial
from types import coroutine
from typing import Any, Final

from starlette.types import Message, Send

Steps = Generator[Any, Any, None]
"""What is advanced by ``next``, ``send`` and ``throw``; yields what it waits for."""

MORE: Final = object()
"""What :func:`sending` waits for between two messages."""


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


def sending(send: Send) -> Steps:
    """Sends one message after the other: each is given with ``.send()``, which gives :data:`MORE` once it is sent, or
    what that waits for (see :class:`Rest`). It ends by raising what `send` raises.
    """
    steps = _sending(send)
    next(steps)
    return steps


@coroutine
def _sending(send: Send) -> Generator[Any, Message, None]:
    while True:
        message = yield MORE
        yield from send(message)  # type: ignore[misc]  # what the decorator allows


class Rest:
    """What is left of an awaitable that was started outside a task, or of one message of :func:`sending`."""

    def __init__(self, steps: Steps, waiting_for: Any) -> None:
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
            if waiting_for is MORE:
                return
