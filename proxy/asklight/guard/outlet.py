"""The way out of a connection: what uvicorn's protocol takes for its transport."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


class Outlet(asyncio.Transport):
    """Passes everything on to `transport`, counts what is written, and can be shut.

    An answer's head waits for the first piece of its body, but no longer than until the event loop comes round: what
    is there at once goes out together, in one packet and by one system call.

    Once shut, what the application still writes goes nowhere, as it does when a client has left. So the guard can
    answer in the application's place without touching uvicorn's own state.

    :param close: called in place of the transport's own ``close``.
    """

    __slots__ = (
        "_close",
        "_held",
        "_holds_next",
        "_is_shut",
        "_loop",
        "transport",
        "written",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        transport: asyncio.Transport,
        close: Callable[[], None],
    ) -> None:
        super().__init__()
        self._loop = loop
        self.transport = transport
        self.written = 0
        """Bytes written through here."""
        self._close = close
        self._is_shut = False
        self._holds_next = False
        self._held = b""

    def expect_head(self) -> None:
        """What is written next is the head of an answer."""
        self._holds_next = True

    def release(self) -> None:
        """What is held is written now; where the connection is ending, nowhere."""
        held, self._held = self._held, b""
        if held and not self.transport.is_closing():
            self.transport.write(held)

    def shut(self) -> None:
        """From now on nothing gets out."""
        self.release()
        self._is_shut = True

    def let_go(self) -> None:
        """The connection is gone: closing it means nothing any more."""
        self._close = nothing
        self._held = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """See :class:`asyncio.WriteTransport`."""
        if self._is_shut:
            return
        self.written += len(data)
        if self._holds_next:
            self._holds_next = False
            self._held = bytes(data)
            self._loop.call_soon(self.release)
        elif self._held:
            held, self._held = self._held, b""
            self.transport.write(held + data)
        else:
            self.transport.write(data)

    def close(self) -> None:
        """See :class:`asyncio.BaseTransport`."""
        if not self._is_shut:
            self.release()
            self._close()

    def abort(self) -> None:
        """See :class:`asyncio.WriteTransport`."""
        self._held = b""
        self.transport.abort()

    def is_closing(self) -> bool:
        """See :class:`asyncio.BaseTransport`."""
        return self._is_shut or self.transport.is_closing()

    def pause_reading(self) -> None:
        """See :class:`asyncio.ReadTransport`."""
        if not self._is_shut:
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """See :class:`asyncio.ReadTransport`."""
        if not self._is_shut:
            self.transport.resume_reading()

    def get_write_buffer_size(self) -> int:
        """See :class:`asyncio.WriteTransport`."""
        return len(self._held) + self.transport.get_write_buffer_size()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """See :class:`asyncio.BaseTransport`. There is no ``socket``: uvicorn then takes the addresses as the transport
        knows them, for which none has to be made.
        """
        return default if name == "socket" else self.transport.get_extra_info(name, default)


def nothing() -> None:
    """Stands where something was called that is over."""
