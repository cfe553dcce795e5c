"""The contract's operations as an ASGI application, and every way out of it: each ends in the contract's error shape."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp, Lifespan, Message, Receive, Scope, Send

from asklight.errors import ApiError, InternalError, MethodNotAllowed, NotFound
from asklight.wire import error_response

logger = logging.getLogger("asklight")

Handler = Callable[[Request], Awaitable[ASGIApp]]
"""Answers a request, or raises an :class:`~asklight.errors.ApiError`."""


class _Operation:
    """A handler as an ASGI application that leaves errors to :class:`ContractApp`."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._handler(Request(scope, receive, send))
        await response(scope, receive, send)


def operation(method: str, path: str, handler: Handler) -> Route:
    """The route of one operation. A HEAD is taken for a GET."""
    return Route(path, _Operation(handler), methods=[method])


class ContractApp:
    """The operations of the contract as one ASGI application: every way out of a handler ends in its error shape.

    One layer where Starlette's application has three, and no thread for an error's answer. A failure that nobody
    foresaw is told as a 500, and raised again for :class:`Unexpected` to log.
    """

    def __init__(self, routes: Sequence[BaseRoute], lifespan: Lifespan[Any] | None = None) -> None:
        self._router = Router(routes, redirect_slashes=False, lifespan=lifespan)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self  # so that the router raises what it does not find
        if scope["type"] != "http":
            await self._router(scope, receive, send)
            return
        has_begun = False

        async def noting(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._router(scope, receive, noting)
        except Exception as error:
            told = _response_to(error)
            if has_begun:
                raise
            await (told or error_response(InternalError()))(scope, receive, send)
            if told is None:
                raise


def _response_to(error: Exception) -> Response | None:
    """The answer to what a handler or the router raised; None where nobody foresaw it."""
    if isinstance(error, ApiError):
        return error_response(error)
    if isinstance(error, HTTPException):
        known: dict[int, ApiError] = {404: NotFound(), 405: MethodNotAllowed()}
        return error_response(known.get(error.status_code, InternalError()))
    if isinstance(error, ClientDisconnect):
        return Response(status_code=400)  # nobody is left to read it
    return None


class Unexpected:
    """The outermost layer: a failure nobody foresaw is logged without its text and told as a 500.

    The text of a foreign exception may quote a secret (a bearer header with a newline does), and servers log what
    an application raises. So nothing is raised from here: the log gets the exception's type and where it arose.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        except (
            Exception
        ) as error:  # every failure: this is the last place that can keep its text to itself
            if scope["type"] == "lifespan":
                raise
            trace = "".join(traceback.format_tb(error.__traceback__))
            logger.error("unexpected %s\n%s", type(error).__name__, trace)
