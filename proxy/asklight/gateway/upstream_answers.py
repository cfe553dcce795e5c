"""Reading what an assistant service answers: a JSON object, or the contract's error in words of ours.

Upstream texts may hold secrets, so none is passed on: of a refusal its status and its ``retryAfter`` count.
"""

from __future__ import annotations

import re
from typing import Any, Final

import httpx2
from pydantic_core import from_json

from asklight.contract import JSON_CONTENT_TYPE, MESSAGE_SENT
from asklight.errors import (
    ApiError,
    BadGateway,
    Conflict,
    Forbidden,
    InternalError,
    InvalidBody,
    NotFound,
    PaymentRequired,
    RateLimited,
    ServiceUnavailable,
    ValidationFailed,
)
from asklight.wire import media_type

JSON_LIMIT_BYTES: Final = 8 * 1024 * 1024
"""A longer answer is none."""

_PLAIN: Final = frozenset({"", "identity", "chunked"})
"""Codings that leave a body's bytes as they are."""

_TEXT_LIMIT_BYTES: Final = 1_024
_RETRY_LIMIT_SECONDS: Final = 86_400

Json = dict[str, Any]


async def check(response: httpx2.Response, path: tuple[str, ...]) -> None:
    """:raises ApiError: the response is no success, or compressed although that was not asked for."""
    if not _codings(response) <= _PLAIN:
        raise BadGateway
    if not response.is_success or response.status_code == 204:
        raise await _refusal(response, path)


def _codings(response: httpx2.Response) -> set[str]:
    """What was done to the body's bytes, for this connection or for good (RFC 9110, 8.4; RFC 9112, 6.1)."""
    told = (response.headers.get(name, "") for name in ("content-encoding", "transfer-encoding"))
    return {coding.strip().lower() for codings in told for coding in codings.split(",")}


async def check_handed_over(response: httpx2.Response) -> None:
    """:raises BadGateway: this ``text/plain`` answer is not the one the contract knows: 202, or the words alone."""
    if response.status_code == 202:
        return
    if (await _body(response, _TEXT_LIMIT_BYTES)).strip() != MESSAGE_SENT.encode():
        raise BadGateway


async def json_object(response: httpx2.Response) -> Json:
    """The body as a JSON object that can be sent on.

    :raises BadGateway: it is of another type, not valid, too large or nested too deep.
    """
    if media_type(response.headers.get("content-type", "")) != JSON_CONTENT_TYPE:
        raise BadGateway
    body = await _body(response, JSON_LIMIT_BYTES)
    try:
        value = from_json(_ESCAPE.sub(_whole, body), allow_inf_nan=False)
    except ValueError:
        raise BadGateway from None
    if not isinstance(value, dict):
        raise BadGateway
    return value


async def _body(response: httpx2.Response, limit_bytes: int) -> bytes:
    body = bytearray()
    async for part in response.aiter_raw():
        body += part
        if len(body) > limit_bytes:
            raise BadGateway
    return bytes(body)


_ESCAPE: Final = re.compile(
    rb"(\\u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w|\\[^u]|\\u(?![dD][89a-fA-F]))|\\u[dD][89a-fA-F]\w\w"
)
"""An escape in JSON; outside the group, one of half a surrogate pair."""


def _whole(escape: re.Match[bytes]) -> bytes:
    """`escape`, or U+FFFD for half a pair: a text cut within an emoji could not be sent on as UTF-8."""
    return escape.group(1) or rb"\ufffd"


async def _refusal(response: httpx2.Response, path: tuple[str, ...]) -> ApiError:
    """The contract's error for an unsuccessful answer; one that is not JSON did not come from the service itself."""
    status = response.status_code
    if status < 400 or status == 401:
        return BadGateway()
    try:
        body = await json_object(response)
    except BadGateway:
        body = None
    error = body.get("error") if body else None
    details = error.get("details") if isinstance(error, dict) else None
    retry_after = _seconds(details, response.headers.get("retry-after"))
    if body is None and (status not in (429, 503) or retry_after is None):
        return BadGateway()
    if status == 409:
        return _conflict(details, path)
    return _in_our_words(status, path, retry_after)


_CONFLICTING: Final = ("status", "role", "feedback", "message", "content", "isHumanHandled")
"""The fields that a conflict may name: words of ours, whatever a service writes."""


def _conflict(details: object, path: tuple[str, ...]) -> Conflict:
    """The service's conflict, with the field it named where that is one we know.

    Where it named none: a message conflicts by who wrote it, a conversation by being closed.
    """
    about = "message" if path[0] == "messages" else "conversation"
    told = details.get("conflictingField") if isinstance(details, dict) else None
    usual = "role" if about == "message" else "status"
    field = next((known for known in _CONFLICTING if known == told), usual)
    return Conflict(f"The {about} does not take this now.", resource=about, field=field)


def _in_our_words(status: int, path: tuple[str, ...], retry_after: int | None) -> ApiError:
    match status:
        case 400:
            return InvalidBody("The assistant service did not accept this request.")
        case 402:
            return PaymentRequired()
        case 403:
            return Forbidden("The assistant service does not allow this.")
        case 404 if path[0] == "messages":
            return NotFound.of_message(path[1])
        case 404 if len(path) > 1:
            return NotFound.conversation(path[1])
        case 422:
            return ValidationFailed("content", "The assistant service did not accept this value")
        case 429:
            return RateLimited(retry_after=retry_after or 60)
        case 500:
            return InternalError("The assistant service had an internal error.")
        case 503:
            return ServiceUnavailable(retry_after=retry_after or 30)
    return BadGateway()


def _seconds(details: object, header: str | None) -> int | None:
    """``details.retryAfter``, else a ``Retry-After`` in seconds, within a day."""
    value = details.get("retryAfter") if isinstance(details, dict) else None
    if not isinstance(value, int) or isinstance(value, bool):
        value = int(header[:9]) if header and header.isascii() and header.isdigit() else None
    return None if value is None else min(max(value, 1), _RETRY_LIMIT_SECONDS)
