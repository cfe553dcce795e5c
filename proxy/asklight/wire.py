"""HTTP as both faces of the contract speak it: JSON bodies in, JSON answers and errors out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse

from asklight.contract import BODY_LIMIT_BYTES, JSON_CONTENT_TYPE, parse_body, parse_query
from asklight.errors import (
    ApiError,
    InvalidBody,
    PayloadTooLarge,
    UnsupportedMediaType,
)

Shape = TypeVar("Shape", bound=BaseModel)


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
