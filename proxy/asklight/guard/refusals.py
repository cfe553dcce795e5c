"""The guard's answers: errors in the contract's shape, written as bytes since no application is asked.

::

    ApiError
    ├── BadRequest              400  not HTTP/1.1 as RFC 9112 has it, or two readers could read it differently
    ├── RequestTimeout          408  headers or body took too long
    ├── HeadersTooLarge         431  headers too long or too many
    ├── NotImplementedHere      501  a method or a transfer coding that is not known here
    └── VersionNotSupported     505  neither HTTP/1.1 nor HTTP/1.0

413, 429 and 503 are :mod:`asklight.errors`' own. Every refusal ends its connection.
"""

from __future__ import annotations

import json
from email.utils import formatdate
from http import HTTPStatus

from asklight.errors import ApiError


class BadRequest(ApiError):
    """400: a request that is malformed, or that two readers could take for different ones."""

    status = 400
    default_code = "BAD_REQUEST"
    default_message = "The request is not valid HTTP/1.1."


class RequestTimeout(ApiError):
    """408: the request did not arrive in time."""

    status = 408
    default_code = "REQUEST_TIMEOUT"
    default_message = "The request took too long to arrive. Please send it again."


class HeadersTooLarge(ApiError):
    """431: the headers are over a limit. ``details.limit`` is in bytes, or the number of lines."""

    status = 431
    default_code = "REQUEST_HEADER_FIELDS_TOO_LARGE"

    def __init__(self, limit: int, unit: str) -> None:
        super().__init__(
            f"The request's headers are over the limit of {limit} {unit}.", details={"limit": limit}
        )


class NotImplementedHere(ApiError):
    """501: the request needs what this server does not know."""

    status = 501
    default_code = "NOT_IMPLEMENTED"
    default_message = "This server does not know that method or transfer coding."


class VersionNotSupported(ApiError):
    """505: another version of HTTP."""

    status = 505
    default_code = "HTTP_VERSION_NOT_SUPPORTED"
    default_message = "This server speaks HTTP/1.1."


def response_to(error: ApiError, *, with_body: bool = True) -> bytes:
    """A whole response that says `error` and that the connection ends.

    :param with_body: False where the request was HEAD, whose answer has none.
    """
    body = json.dumps(error.body(), separators=(",", ":")).encode()
    headers = {
        "date": formatdate(usegmt=True),
        "content-type": "application/json",
        "content-length": str(len(body)),
        "cache-control": "no-store",
        **error.headers(),
        "connection": "close",
    }
    lines = [f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + (body if with_body else b"")
