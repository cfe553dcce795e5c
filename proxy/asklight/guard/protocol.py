"""The guard in front of uvicorn's protocol: a protocol of its own that holds uvicorn's and speaks asyncio to it.

The parser behind is httptools', through uvicorn's ``HttpToolsProtocol``. With the guard in front it takes 0.7 of the
processor time of h11 for a small request and 0.6 for a streamed event; and h11, for all its limits, computes for more
than a second on a few bodies cut into single bytes. What httptools leaves unlimited or lets pass never reaches it: it
is given whole heads written anew by :mod:`asklight.guard.heads`, one request at a time, and nothing of the next
before the answer is complete.

Of uvicorn this uses, besides what :class:`asyncio.Protocol` and :class:`asyncio.Transport` name:

- that ``Config(http=…)`` takes a class, made with ``config``, ``server_state``, ``app_state`` and ``_loop``;
- ``HttpToolsProtocol.on_response_complete``, called when an answer is complete;
- ``HttpToolsProtocol.timeout_keep_alive``, seconds, set so that the guard's own time is always up first.

A test pins them. Where a later uvicorn has no ``on_response_complete``, every connection serves one request and is
closed; where it is there but no longer called, a second request waits for ever and is never mixed up with the first.
Without ``timeout_keep_alive`` uvicorn may close an idle connection earlier than asked. Nothing a client sends reaches
the parser unread in any of these cases.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from socket import socket
from typing import Any, Final, cast

from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from asklight.contract import DIRECT
from asklight.errors import ApiError
from asklight.guard.bounds import Bounds
from asklight.guard.direct import DirectBody, is_known
from asklight.guard.door import Door
from asklight.guard.outlet import Outlet, nothing
from asklight.guard.pace import Pace
from asklight.guard.refusals import RequestTimeout, response_to
from asklight.guard.requests import Phase, RequestReader, TooFarAhead
from asklight.guard.sockets import discard_on_close, unacknowledged_bytes
from asklight.settings import Network

logger = logging.getLogger("asklight.guard")

LINGER_SECONDS: Final = 2
"""How long what a refused client still sends is thrown away: closed at once, it would lose the answer (RFC 9112, 9.6)."""

_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_CHECKS_PER_SEND_TIME: Final = 4
_TELLS_COMPLETION: Final = hasattr(HttpToolsProtocol, "on_response_complete")


def guarded(
    bounds: Bounds, trusted_proxies: Sequence[Network] = (), *, direct: bool = False
) -> type[asyncio.Protocol]:
    """The class for uvicorn's ``Config(http=…)``. Connections are counted over all that it makes.

    :param trusted_proxies: networks whose connections are not counted by address.
    :param direct: offers the application :mod:`the direct path <asklight.guard.direct>`, if this uvicorn is known.
    """
    door = Door(bounds, trusted_proxies)
    behind = _Direct if direct and is_known() else _Behind
    return type("Guarded", (GuardedProtocol,), {"bounds": bounds, "door": door, "behind": behind})


def patience(phase: Phase, count: int, bounds: Bounds) -> float | None:
    """How many seconds a connection may stay in a phase; None: as long as it takes.

    :param count: requests so far, the present one included.
    """
    if phase == "waiting":
        return bounds.idle_seconds if count else bounds.header_seconds
    if phase == "head":
        return bounds.header_seconds
    return bounds.body_seconds if phase == "body" else None


class GuardedProtocol(asyncio.Protocol):
    """One connection; made by :func:`guarded`."""

    bounds: Bounds
    door: Door
    behind: type[_Behind]

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._loop = _loop or asyncio.get_running_loop()
        self._behind = self.behind(
            config=config, server_state=server_state, app_state=app_state, _loop=self._loop
        )
        self._behind.after_response = self._on_response_complete
        self._behind.timeout_keep_alive = int(
            self.bounds.idle_seconds + self.bounds.header_seconds + 2
        )
        self._requests = RequestReader(self.bounds, one_only=not _TELLS_COMPLETION)
        self._written_before = 0
        """Bytes written before the present request."""
        self._stage: tuple[int, Phase] = (0, "waiting")
        self._deadline: float | None = None
        self._pace: Pace | None = None
        """While something waits for room in the kernel."""
        self._alarm = _Alarm(self._loop, self._check)
        self._is_parting = False
        """Nothing more is read; what still comes is thrown away."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # of a stream, always
        """Lets the client in, or notes why not."""
        self._transport = transport
        transport.set_write_buffer_limits(high=0)  # what the kernel has no room for is waited for
        peer = transport.get_extra_info("peername")
        self._visit = self.door.enter(peer[0] if isinstance(peer, tuple) else None)
        self._outlet = Outlet(self._loop, transport, self._on_close)
        self._behind.connection_made(self._outlet)
        self._deadline = self._loop.time() + (
            self.bounds.header_seconds if self._visit.refusal is None else LINGER_SECONDS
        )
        self._alarm.ring_by(self._deadline)
        if not self._visit.is_answered:
            self._reset()

    def data_received(self, data: bytes) -> None:
        """Reads what has come, and passes on what may be passed on."""
        if self._is_parting:
            return
        if self._visit.refusal is not None:
            # Not before the client has asked: an answer to nothing would be taken for one to its next request.
            self._refuse(self._visit.refusal)
            return
        self._advance(lambda: self._requests.feed(data))

    def eof_received(self) -> None:
        """The client has gone; the transport closes itself."""

    def pause_writing(self) -> None:
        """The kernel has no room: passed on, and from now on it is seen to that the reader takes something."""
        self._pace = Pace(self.bounds.send_seconds, self._loop.time())
        self._set_alarm()
        self._behind.pause_writing()

    def resume_writing(self) -> None:
        """Passed on."""
        self._pace = None
        self._behind.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone, whoever ended it."""
        self._alarm.end()
        self.door.leave(self._visit)
        if not self._is_parting:
            self._is_parting = True
            self._behind.connection_lost(exc)
        # Nothing points back here any more: all of it is gone at once, and not when the collector next looks.
        self._outlet.let_go()
        self._behind.after_response = nothing

    def _on_response_complete(self) -> None:
        self._outlet.release()
        if not self._is_parting and not self._outlet.is_closing():
            self._advance(self._requests.answered)

    def _on_close(self) -> None:
        """uvicorn closes the connection: after its last answer, when idle, when stopping."""
        if self._requests.phase == "body" and not self._transport.is_closing():
            self._part()  # the rest of the body is still on its way
        else:
            self._transport.close()

    def _advance(self, step: Callable[[], bytes]) -> None:
        try:
            ready = step()
        except TooFarAhead:
            self._reset()
            return
        except ApiError as error:
            self._refuse(error)
            return
        if self._requests.count != self._stage[0]:
            self._written_before = self._outlet.written
            self._outlet.expect_head()
        if self._requests.owes_continue:
            self._requests.owes_continue = False
            self._transport.write(_CONTINUE)
        self._note_stage()
        if ready:
            self._behind.data_received(ready)

    def _refuse(self, error: ApiError) -> None:
        """Ends the connection, with `error` where no other answer has begun."""
        logger.info("refused with %d %s", error.status, error.code)
        is_new = self._requests.count != self._stage[0]  # it came and failed at once
        is_answer_begun = not is_new and self._outlet.written > self._written_before
        self._outlet.release()
        if self._requests.phase != "body" or not is_answer_begun:
            answer = response_to(error, with_body=not self._requests.is_head_method)
            self._transport.write(answer)
        self._part()

    def _part(self) -> None:
        """Sends what is written, then ends, and until the client has too throws away what it sends."""
        self._is_parting = True
        self._outlet.shut()
        self._behind.connection_lost(None)
        if not self._transport.can_write_eof():
            self._transport.close()
            return
        self._transport.write_eof()
        self._transport.resume_reading()
        self._deadline = self._loop.time() + LINGER_SECONDS
        self._set_alarm()

    def _note_stage(self) -> None:
        """Begins the time of a new phase, of a new request too."""
        stage = (self._requests.count, self._requests.phase)
        if stage == self._stage:
            return
        self._stage = stage
        seconds = patience(self._requests.phase, self._requests.count, self.bounds)
        self._deadline = None if seconds is None else self._loop.time() + seconds
        self._set_alarm()

    def _set_alarm(self) -> None:
        """A connection that nothing is awaited of has none: with thousands of streams its cost would be an event's."""
        if self._deadline is not None:
            self._alarm.ring_by(self._deadline)
        if self._pace is not None:
            self._alarm.ring_by(
                self._loop.time() + self.bounds.send_seconds / _CHECKS_PER_SEND_TIME
            )

    def _check(self) -> None:
        """A time may be up."""
        now = self._loop.time()
        if self._pace is not None and self._is_stalled(self._pace, now):
            logger.info("reset: the reader took nothing for %s s", self.bounds.send_seconds)
            self._reset()
            return
        if self._deadline is not None and now >= self._deadline:
            self._deadline = None
            if not self._transport.is_closing():
                self._give_up()
        self._set_alarm()

    def _is_stalled(self, pace: Pace, now: float) -> bool:
        waiting = self._transport.get_write_buffer_size() + unacknowledged_bytes(self._socket)
        return pace.is_stalled(now, self._outlet.written - waiting, waiting)

    @property
    def _socket(self) -> socket:
        """Asked for when it is needed, which is seldom: uvloop makes it then, with four system calls."""
        found: socket = self._transport.get_extra_info("socket")
        return found

    def _reset(self) -> None:
        discard_on_close(self._socket)
        self._transport.abort()

    def _give_up(self) -> None:
        if self._is_parting or self._requests.phase == "waiting" or self._visit.refusal is not None:
            self._transport.close()
        else:
            self._refuse(RequestTimeout())


class _Behind(HttpToolsProtocol):
    """uvicorn's protocol, saying when an answer is complete."""

    after_response: Callable[[], None]

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self.after_response()


class _Direct(_Behind):
    """Offers the application the direct path."""

    _body: DirectBody | None = None
    """Of the present request."""

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._body = DirectBody(self.cycle, self.flow, cast(Outlet, self.transport))
        self.scope["extensions"] = {DIRECT: self._body.write}  # type: ignore[dict-item]  # no extension that uvicorn knows

    def on_response_complete(self) -> None:
        self._withdraw()
        super().on_response_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._body is not None:
            self._body.shut()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._withdraw()

    def _withdraw(self) -> None:
        """The path leads to what holds the scope: without this both would stay until the collector looks."""
        if self._body is not None:
            self._body.shut()
            self._body = None
        if self.cycle is not None:
            self.cycle.scope.pop("extensions", None)


class _Alarm:
    """One timer for a connection: rings no later than the earliest time it was set to."""

    def __init__(self, loop: asyncio.AbstractEventLoop, ring: Callable[[], None]) -> None:
        self._loop = loop
        self._ring = ring
        self._handle: asyncio.TimerHandle | None = None
        self._due = 0.0

    def ring_by(self, when: float) -> None:
        if self._handle is not None:
            if self._due <= when:
                return
            self._handle.cancel()
        self._due = when
        self._handle = self._loop.call_at(when, self._ringing)

    def end(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        self._ring = nothing

    def _ringing(self) -> None:
        self._handle = None
        self._ring()
