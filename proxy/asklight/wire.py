"""HTTP as both faces of the contract speak it: JSON bodies in, JSON answers and errors out."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp, Lifespan, Message, Receive, Scope, Send

from asklight.contract import BODY_LIMIT_BYTES, JSON_CONTENT_TYPE, parse_body, parse_query
from asklight.errors import (
    ApiError,
    InternalError,
    InvalidBody,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    UnsupportedMediaType,
)

Shape = TypeVar("Shape", bound=BaseModel)

logger = logging.getLogger("asklight")


def media_type(content_type: str) -> str:
    """The media type of a ``Content-Type`` value, lower case, without parameters."""
    return content_type.partition(";")[0].strip().lower()


async def read_body(request: Request, model: type[Shape], *, optional: bool = False) -> Shape:
    """The request's JSON body as a `model`.

    :param optional: an empty body counts as ``{}``.
    :raises UnsupportedMediaType: there is a body and it is not ``application/json``.
    :raises PayloadTooLarge: it is over :data:`~asklight.contract.BODY_LIMIT_BYTES`; the rest is not read.
    :raises InvalidBody: it is not valid JSON, or a field is missing or of the wrong type.
    :raises ValidationFailed: a value is too long or out of range.
    """
    body = await _read_bytes(request)
    if not body:
        if optional:
            return parse_body(model, b"{}")
        raise InvalidBody("Invalid request body. A JSON object is required.")
    if media_type(request.headers.get("content-type", "")) != JSON_CONTENT_TYPE:
        raise UnsupportedMediaType
    return parse_body(model, body)


async def _read_bytes(request: Request) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > BODY_LIMIT_BYTES:
        raise PayloadTooLarge(BODY_LIMIT_BYTES)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > BODY_LIMIT_BYTES:
            raise PayloadTooLarge(BODY_LIMIT_BYTES)
    return bytes(body)


def read_query(request: Request, model: type[Shape]) -> Shape:
    """The request's query as a `model`; raises as :func:`read_body` does for fields."""
    return parse_query(model, dict(request.query_params))


def error_response(error: ApiError, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """`error` in the contract's shape, with its own headers and `headers`."""
    return JSONResponse(
        error.body(),
        status_code=error.status,
        headers={"cache-control": "no-store", **error.headers(), **(headers or {})},
    )


def answer(body: Mapping[str, Any], status: int = 200) -> JSONResponse:
    """A JSON answer that no cache keeps."""
    return JSONResponse(body, status_code=status, headers={"cache-control": "no-store"})


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
