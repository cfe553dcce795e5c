"""The direct path: pieces of a streamed body from the application straight to the connection, past ASGI's ``send``.

It is offered to the application in the scope, as ``extensions["asklight.direct"]``. The response's start and its end
go through ``send`` as ever, so that uvicorn's own state stays true. What it saves is a coroutine, a message and
uvicorn's looking at both, for every event of every answer.

It leans on private parts of uvicorn: what ``RequestResponseCycle`` and ``FlowControl`` call their state, and that the
protocol's ``on_response_complete`` is called. It is offered
only where :func:`is_known` finds all of them; any other server, and a uvicorn that renamed one, gets plain ASGI.
"""

from __future__ import annotations

from types import CodeType
from typing import Any, Final

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from asklight.guard.outlet import Outlet

_USED: Final[tuple[tuple[type, tuple[str, ...]], ...]] = (
    (HttpToolsProtocol, ("cycle", "flow", "scope")),
    (RequestResponseCycle, ("disconnected", "response_complete", "chunked_encoding", "scope")),
    (FlowControl, ("write_paused",)),
)


def is_known() -> bool:
    """Whether uvicorn keeps its state under the names used here, and says when a response is complete: what it does not
    say, :meth:`DirectBody.shut` is not told.
    """
    return hasattr(HttpToolsProtocol, "on_response_complete") and all(
        set(names) <= _named_in(vars(kind).get("__init__")) for kind, names in _USED
    )


def _named_in(function: object) -> set[str]:
    code = getattr(function, "__code__", None)
    return set(code.co_names) if isinstance(code, CodeType) else set()


class DirectBody:
    """Writes pieces of one response's body.

    What is looked at for every piece is one flag of its own: the rest of what there is to know costs more to fetch
    from memory, with many streams, than to look at. So whoever changes it says so, with :meth:`shut`.
    """

    __slots__ = ("_cycle", "_flow", "_is_open", "_outlet", "_write")

    def __init__(self, cycle: Any, flow: Any, outlet: Outlet) -> None:
        self._cycle = cycle
        self._flow = flow
        self._outlet = outlet
        self._write = outlet.transport.write
        self._is_open = False

    def write(self, body: bytes) -> bool:
        """Writes `body`, which is not empty, as one chunk (RFC 9112, section 7.1).

        :returns: False where it did not: no chunked response has begun, it has ended, or the reader is slow or gone,
            which ``send`` waits for or passes over.
        """
        if not (self._is_open or self._opens()):
            return False
        chunk = b"%x\r\n%b\r\n" % (len(body), body)
        self._outlet.written += len(chunk)
        self._write(chunk)
        return True

    def shut(self) -> None:
        """The response has ended, or its reader is slow or gone: look again before the next piece."""
        self._is_open = False

    def _opens(self) -> bool:
        self._outlet.release()
        cycle = self._cycle
        self._is_open = bool(cycle.chunked_encoding) and not (
            self._flow.write_paused or cycle.disconnected or cycle.response_complete
        )
        return self._is_open
