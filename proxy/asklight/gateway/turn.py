"""One turn: a running answer belongs to its conversation, not to the connection that asked for it.

One writer appends whole events to a turn's log, numbered without gaps; the log is closed by exactly one ending.
Readers follow it from any number: the sender, the same tab after a reload, another tab. A turn that nobody has read
for the grace period is stopped, before its first token too.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from asklight.contract import DONE
from asklight.errors import ApiError, Conflict, InternalError, ServiceUnavailable
from asklight.gateway.events import encode_chunk
from asklight.gateway.frames import Frames
from asklight.gateway.logs import Logs
from asklight.gateway.rounds import Rounds
from asklight.settings import Relaying

logger = logging.getLogger("asklight.turns")

NO_ROOM: Final = "The answer was ended: too much is being answered at once."
NOT_KEPT: Final = "The rest of this answer is no longer kept."

RESTART_SECONDS: Final = 5
"""When to try again where the server is stopping."""

Ending = Literal["finish", "error", "stopped", "interrupted"]
Form = Literal["stream", "json", "handed over"]
"""How the upstream answered: with a stream, with the whole answer, or that a person has the conversation."""

Push = Callable[[bytes], bool]
"""Gives a reader its next frame. False where it could not: the reader is then notified instead."""

Writer = Callable[["Turn"], Awaitable[None]]
"""Fills a turn: opens it, appends to it, closes it; what it raises becomes the turn's error."""

STOPPED_CHUNK: Final = encode_chunk({"type": "abort"})


class Reader(Protocol):
    """Someone who follows a turn. `position` is how many frames it has been given, `taken` how many bytes of the
    log it has taken.
    """

    position: int
    taken: int

    def notify(self) -> None:
        """There is something new: an event, how the answer begins, or its end."""


class Source(Protocol):
    """Where a turn's events come from."""

    def pause(self) -> None:
        """Brings nothing more until :meth:`resume`."""

    def resume(self) -> None:
        """Goes on."""


def error_chunk(text: str) -> bytes:
    """An ``error`` chunk with a sentence of ours."""
    return encode_chunk({"type": "error", "errorText": text})


_BROKE_OFF: Final = error_chunk("The answer broke off before its end.")


@dataclass(frozen=True, slots=True)
class Position:
    """A frame's ``id``: which turn, and which number in it."""

    turn: str
    number: int

    @classmethod
    def parse(cls, text: str | None) -> Position | None:
        """A ``Last-Event-ID`` as a position, or None where it is none."""
        turn, _, number = (text or "").partition(":")
        if not turn or not number.isascii() or not number.isdigit() or len(number) > 9:
            return None
        return cls(turn, int(number))


class Turn:
    """One answer: its log, its readers and its end.

    `frames` holds each event as it is sent, its number being its index + 1. `form` is None until the upstream has
    answered; `refusal` is what the sender is told where it never did; `whole` is an answer that is no stream.

    :param is_streamed: whether the sender asked for a stream. One that did not never gets a piece of one.
    :param bounds: what the turn may take.
    :param logs: all logs of this process, this one among them.
    :param rounds: come by its readers twice in the time a stream may be silent.
    """

    __slots__ = (
        "_grace_seconds",
        "_is_gathering",
        "_is_paused",
        "_logs",
        "_push",
        "_readers",
        "_slow",
        "_source",
        "_task",
        "_timer",
        "_whole_bytes",
        "bounds",
        "conversation_id",
        "ending",
        "form",
        "frames",
        "id",
        "is_given_up",
        "is_streamed",
        "refusal",
        "rounds",
        "whole",
    )

    def __init__(
        self,
        conversation_id: str,
        grace_seconds: float,
        *,
        is_streamed: bool,
        bounds: Relaying,
        logs: Logs,
        rounds: Rounds,
    ) -> None:
        self.id = secrets.token_urlsafe(9)
        self.conversation_id = conversation_id
        self.is_streamed = is_streamed
        self.frames = Frames(self.id)
        self.ending: Ending | None = None
        self.form: Form | None = None
        self.refusal: ApiError | None = None
        self.whole: dict[str, Any] = {}
        self.bounds = bounds
        self.is_given_up = False
        self.rounds = rounds
        self._logs = logs
        self._grace_seconds = grace_seconds
        self._whole_bytes = 0
        self._readers: tuple[
            Reader, ...
        ] = ()  # replaced, never changed: it is gone through while readers leave
        self._slow: set[Reader] = set()
        self._push: Push | None = None
        """Where the only reader has been given all there is: how it is given what comes."""
        self._source: Source | None = None
        self._is_paused = False
        self._is_gathering = False
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_known(self) -> bool:
        """Whether it is decided how the answer begins: with a stream, without one, or with an error."""
        return self.form is not None or self.refusal is not None

    @property
    def size(self) -> int:
        """How many bytes the log holds."""
        return self.frames.size + self._whole_bytes

    @property
    def has_readers(self) -> bool:
        """Whether somebody follows it."""
        return bool(self._readers)

    def start(self, write: Writer) -> asyncio.Task[None]:
        """Lets `write` fill this turn in a task of its own, which ends with the turn."""
        self._task = asyncio.create_task(self._run(write))
        self._task.add_done_callback(lambda _: self._interrupt())
        return self._task

    async def _run(self, write: Writer) -> None:
        writing = write(self)
        del write  # with the question and its page, which the writer holds no longer than it takes to send them
        try:
            await writing
        except ApiError as error:
            self._refuse(error)
        except Exception as error:  # its text may quote a credential, and asyncio would log it
            logger.error("unexpected %s in a turn", type(error).__name__)
            self._refuse(InternalError())
        else:
            self._end("error", _BROKE_OFF)

    def _interrupt(self) -> None:
        """The writer is gone. Where it was cancelled, before its first step perhaps, nobody has told an ending."""
        if self.ending is None:
            unavailable = ServiceUnavailable(retry_after=RESTART_SECONDS)
            self._break_off("interrupted", error_chunk("The answer was interrupted."), unavailable)

    def open_stream(self, source: Source | None = None) -> None:
        """The upstream answers with a stream, which is paused while every reader is slow."""
        self.form = "stream"
        self._source = source
        self._wake()

    def settle(self, form: Form, whole: dict[str, Any] | None = None) -> None:
        """The upstream answered without a stream: with the `whole` answer, or by handing over to a person."""
        self.form, self.whole, self.ending = form, whole or {}, "finish"
        self._whole_bytes = len(encode_chunk(self.whole))
        self._logs.size += self._whole_bytes
        self._logs.end(self)
        self._wake()
        self._logs.make_room()

    def append(self, data: bytes) -> bool:
        """Adds one event with `data`; see :meth:`add`."""
        return self.add(b"data: %b\n\n" % data)

    def add(self, event: bytes) -> bool:
        """Adds one event, as it is sent but for its number.

        :returns: whether more may come. Nothing is added after the end.
        """
        if self.ending is not None:
            return False
        frames = self.frames
        if frames.size + len(event) > self.bounds.answer_bytes:
            self._end("error", error_chunk("The answer is too long."))
            return False
        frame = frames.append(event)
        logs = self._logs
        logs.size += len(frame)
        push = self._push
        if push is None:
            self._wake()
        elif not push(frame):
            self._stop_pushing(missed=frame)
            self._wake()
        if frames.size >= frames.packed_at:
            frames.pack()
        if logs.size > logs.limit_bytes:
            logs.make_room()
        return self.ending is None  # a reader's leaving, or the want of room, may have ended it

    def begin_gathering(self) -> None:
        """What is added from now on came in one piece, and readers are sent it in one, by :meth:`end_gathering`."""
        self._stop_pushing()
        self._is_gathering = True

    def end_gathering(self) -> None:
        """Sends readers what was gathered."""
        self._is_gathering = False
        self._wake()

    def close(self, ending: Ending) -> None:
        """Ends the log with ``[DONE]``. The first ending counts."""
        self._end(ending)

    def stop(self) -> bool:
        """Ends the answer where it is, and the upstream request with it. False where it had ended."""
        if self.ending is not None:
            return False
        stopped = Conflict("The answer was stopped.", resource="conversation", field="message")
        self._break_off("stopped", STOPPED_CHUNK, stopped)
        self._end_writer()
        return True

    def _end_writer(self) -> None:
        if self._source is not None:
            self._source.pause()  # until the writer's end has closed it
        self.cancel()

    def give_up(self) -> None:
        """Lets go of the log, so that others have room; where the answer still runs, it ends here.

        Whoever has not read it all is told so, under the number of the last event but one.
        """
        self.is_given_up = True
        told = NOT_KEPT
        if self.ending is None:
            told = NO_ROOM
            self._end("error", error_chunk(told))
            self._end_writer()
        before = self.size
        self.whole, self._whole_bytes = {}, 0
        if len(self.frames) > 1:
            self.frames.keep_last(b"data: %b\n\n" % error_chunk(told))
        self._logs.shrink(before - self.size)

    def _break_off(self, ending: Ending, last: bytes, refusal: ApiError) -> None:
        """Ends the log with `last`; a sender that waits for a whole answer is told `refusal`."""
        if self.is_streamed or self.form is not None:
            self._end(ending, last)
        else:
            self._refuse(refusal)

    def _refuse(self, error: ApiError) -> None:
        """The sender is told `error`: as the response, or in an ``error`` chunk where the stream has begun."""
        if self.form is not None or self.ending is not None:
            self._end("error", error_chunk(error.message))
            return
        self.refusal, self.ending = error, "error"
        self._logs.end(self)
        self._wake()

    def _end(self, ending: Ending, last: bytes | None = None) -> None:
        if self.ending is not None:
            return
        self._stop_pushing()
        self.form = self.form or "stream"
        self.ending = ending
        if last is not None:
            self._put(b"data: %b\n\n" % last)
        self._put(b"data: %b\n\n" % DONE)
        self._logs.end(self)
        self._wake()

    def _put(self, event: bytes) -> bytes:
        frame = self.frames.append(event)
        self._logs.size += len(frame)
        return frame

    def cancel(self) -> None:
        """Ends the writer."""
        if self._task is not None:
            self._task.cancel()

    async def ended(self) -> None:
        """Returns when the writer is gone, however it went."""
        if self._task is not None:
            await asyncio.wait([self._task])

    def join(self, reader: Reader) -> None:
        """A reader arrives, and is told at once what there is. :meth:`leave` is its twin."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._stop_pushing()
        self._readers = (*self._readers, reader)
        reader.notify()

    def leave(self, reader: Reader) -> None:
        """A reader goes; when it was the last, the grace period begins. Leaving twice is harmless."""
        if reader not in self._readers:
            return
        self._stop_pushing()
        self._readers = tuple(other for other in self._readers if other is not reader)
        self._slow.discard(reader)
        if not self._readers and self.ending is None:
            self._begin_grace()
        if self._is_paused:
            self._balance()

    def _begin_grace(self) -> None:
        if self._grace_seconds <= 0:
            self.stop()
        else:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._grace_seconds, self.stop)

    def push_to(self, reader: Reader, push: Push) -> None:
        """`reader` has been given all there is. While it is the only one, what comes is pushed to it, which costs
        less than a notice; when that ends, its `position` and `taken` are brought up to date.
        """
        if self._readers == (reader,) and not self._is_gathering and self.ending is None:
            self._push = push

    def _stop_pushing(self, missed: bytes = b"") -> None:
        """:param missed: the last frame, where it was not given to the reader."""
        if self._push is not None:
            self._push = None
            reader = self._readers[0]
            reader.position = len(self.frames) - bool(missed)
            reader.taken = self.size - len(missed)

    def slowed(self, reader: Reader) -> None:
        """`reader` has not taken what was sent to it."""
        self._stop_pushing()
        self._slow.add(reader)

    def recovered(self, reader: Reader) -> None:
        """`reader` has taken all that was sent to it, or is gone."""
        self._slow.discard(reader)
        if self._is_paused:
            self._balance()

    def _balance(self) -> None:
        """Pauses the upstream while every reader is far behind, so that nobody's slowness is another's."""
        if self._source is None or self.ending is not None:
            return
        all_slow = bool(self._slow) and len(self._slow) == len(self._readers)
        behind = min(self.size - reader.taken for reader in self._slow) if all_slow else 0
        lag_limit = self.bounds.lag_bytes
        if behind > lag_limit and not self._is_paused:
            self._is_paused = True
            self._source.pause()
        elif behind <= lag_limit and self._is_paused:
            self._is_paused = False
            self._source.resume()

    def _wake(self) -> None:
        if self._is_gathering:
            return
        self._stop_pushing()
        for reader in self._readers:
            reader.notify()
        if self._slow:
            self._balance()
