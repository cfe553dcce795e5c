"""The assistant service behind a site: the one place that holds its credential and speaks to it.

What leaves here is either what the contract promises or an :class:`~asklight.errors.ApiError` in words of ours:
upstream texts may hold secrets and are never passed on, and the text of the HTTP client's exceptions is dropped,
since it can quote the whole ``Authorization`` header.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

import httpx2

from asklight.contract import JSON_CONTENT_TYPE, STREAM_CONTENT_TYPE
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
from asklight.gateway.sessions import Session
from asklight.sealed import Sealed, fault_in_secret
from asklight.settings import Upstream
from asklight.wire import media_type

logger = logging.getLogger("asklight.upstream")

CONNECTIONS_LIMIT: Final = 1_000
JSON_LIMIT_BYTES: Final = 8 * 1024 * 1024
VISITORS_LIMIT: Final = 10_000
"""So many visitors' upstream tokens are kept; the longest unused go first and are asked for again."""

_TIMEOUT: Final = httpx2.Timeout(connect=10, read=60, write=30, pool=5)
_WHOLE_ANSWER_SECONDS: Final = 300
_POOL_RETRY_SECONDS: Final = 5
_RETRY_LIMIT_SECONDS: Final = 86_400

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The answer while a person has the conversation: nothing more comes on this response."""


class Credential(Protocol):
    """Gives the ``Authorization`` of one visitor's requests."""

    async def authorization(self, session: Session) -> str:
        """The header's value."""

    def forget(self, session: Session) -> bool:
        """The upstream refused it. True where a fresh one may be had, so that one more try makes sense."""


class Service:
    """One site's assistant service.

    :param client: sends to the service; never follows redirects nor reads proxies from the environment.
    """

    def __init__(self, client: httpx2.AsyncClient, credential: Credential) -> None:
        self._client = client
        self._credential = credential

    async def close(self) -> None:
        """Ends every connection to the service."""
        await self._client.aclose()

    async def request(
        self,
        session: Session,
        method: str,
        path: tuple[str, ...],
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Json:
        """The JSON object the service answers with.

        :param path: segments, each already checked to be a fixed word or a UUID.
        :raises ApiError: the contract's error for what went wrong; 502 where the answer is none.
        """
        async with self._open(session, method, path, body=body, query=query) as response:
            return await _json_object(response)

    @asynccontextmanager
    async def send_message(
        self, session: Session, conversation_id: str, body: Mapping[str, Any]
    ) -> AsyncIterator[AsyncIterator[bytes] | Json | HandedOver]:
        """Sends a message and gives what the service answers with, open until the context ends.

        That is the raw bytes of an event stream, the whole answer as JSON, or :class:`HandedOver`.

        :raises ApiError: as :meth:`request`; within the stream, :class:`BadGateway`.
        """
        path = ("conversations", conversation_id, "messages")
        streamed = bool(body.get("stream"))
        async with self._open(session, "POST", path, body=body, streamed=streamed) as response:
            kind = media_type(response.headers.get("content-type", ""))
            if kind == "text/plain":
                yield HandedOver()
            elif streamed and kind == STREAM_CONTENT_TYPE and response.status_code == 200:
                yield _bytes_of(response)
            else:
                yield await _json_object(response)

    @asynccontextmanager
    async def _open(
        self,
        session: Session,
        method: str,
        path: tuple[str, ...],
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        streamed: bool = False,
    ) -> AsyncIterator[httpx2.Response]:
        """A successful response of the service, its body unread."""
        request = self._client.build_request(
            method,
            "/".join(path),
            params=dict(query) if query else None,
            content=None if body is None else json.dumps(body).encode(),
            headers={
                "accept": f"{STREAM_CONTENT_TYPE}, {JSON_CONTENT_TYPE}",
                "accept-encoding": "identity",
                **({} if body is None else {"content-type": JSON_CONTENT_TYPE}),
            },
        )
        if body is not None and not streamed:
            request.extensions["timeout"]["read"] = _WHOLE_ANSWER_SECONDS
        with _translated():
            response = await self._dispatch(request, session)
            if response.status_code == 401 and self._credential.forget(session):
                await response.aclose()
                response = await self._dispatch(request, session)
            try:
                if response.headers.get("content-encoding", "identity") != "identity":
                    raise BadGateway
                if not response.is_success or response.status_code == 204:
                    raise await _refusal(response, path)
                yield response
            finally:
                await response.aclose()

    async def _dispatch(self, request: httpx2.Request, session: Session) -> httpx2.Response:
        """Sends `request` with the credential: only here, and only to the configured service."""
        base = self._client.base_url
        if (request.url.scheme, request.url.netloc) != (base.scheme, base.netloc):
            raise BadGateway
        request.headers["authorization"] = await self._credential.authorization(session)
        return await self._client.send(request, stream=True)


class TokenCredential:
    """One API token for everybody."""

    def __init__(self, token: Sealed) -> None:
        self._token = token

    async def authorization(self, session: Session) -> str:
        return f"Bearer {self._token.unseal()}"

    def forget(self, session: Session) -> bool:
        logger.error("the assistant service refuses the API token (401): check it")
        return False


class VisitorCredential:
    """A publishable key: each session is a visitor of the service, with a token of its own.

    The visitor's name at the service is a hash of the session's id, which the service so never learns. Its token is
    kept in memory, and asked for again once when the service refuses it.
    """

    def __init__(self, client: httpx2.AsyncClient, key: Sealed) -> None:
        self._client = client
        self._key = key
        self._tokens: OrderedDict[str, str] = OrderedDict()

    async def authorization(self, session: Session) -> str:
        token = self._tokens.get(session.id)
        if token is None:
            token = await self._identify(session)
            self._tokens[session.id] = token
            if len(self._tokens) > VISITORS_LIMIT:
                self._tokens.popitem(last=False)
        self._tokens.move_to_end(session.id)
        return f"Bearer {token}"

    def forget(self, session: Session) -> bool:
        return self._tokens.pop(session.id, None) is not None

    async def _identify(self, session: Session) -> str:
        visitor = hashlib.sha256(f"asklight.visitor\n{session.id}".encode()).hexdigest()
        answer = await self._client.post(
            "identity/init", json={"apiKey": self._key.unseal(), "saVid": visitor}
        )
        token = answer.json().get("sessionToken") if answer.is_success else None
        if not isinstance(token, str) or fault_in_secret(token):
            logger.error("the assistant service refuses the publishable key: check it")
            raise BadGateway
        return token


def connect(upstream: Upstream) -> Service:
    """The configured service."""
    headers = {"origin": upstream.origin} if upstream.origin else {}
    client = _client(upstream.url, _transport(), headers)
    if upstream.key is not None:
        return Service(client, VisitorCredential(client, upstream.key))
    if upstream.token is None:
        raise ValueError("an upstream needs a token or a key")
    return Service(client, TokenCredential(upstream.token))


def connect_embedded(socket_path: str, token: Sealed) -> Service:
    """The embedded assistant, behind its unix socket."""
    client = _client("http://assistant/v2", _transport(socket_path), {})
    return Service(client, TokenCredential(token))


def _transport(socket_path: str | None = None) -> httpx2.AsyncHTTPTransport:
    limits = httpx2.Limits(max_connections=CONNECTIONS_LIMIT, max_keepalive_connections=100)
    return httpx2.AsyncHTTPTransport(uds=socket_path, limits=limits, trust_env=False)


def _client(
    url: str, transport: httpx2.AsyncHTTPTransport, headers: Mapping[str, str]
) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        base_url=url,
        transport=transport,
        headers={"user-agent": "asklight", **headers},
        timeout=_TIMEOUT,
        follow_redirects=False,
        trust_env=False,
    )


@contextmanager
def _translated() -> Iterator[None]:
    """The HTTP client's failures as ours; their text, which can quote the credential, is dropped."""
    try:
        yield
    except httpx2.PoolTimeout:
        raise ServiceUnavailable(retry_after=_POOL_RETRY_SECONDS) from None
    except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL) as error:
        logger.warning("the assistant service failed: %s", type(error).__name__)
        raise BadGateway from None


async def _bytes_of(response: httpx2.Response) -> AsyncIterator[bytes]:
    with _translated():
        async for part in response.aiter_raw():
            yield part


async def _json_object(response: httpx2.Response) -> Json:
    if media_type(response.headers.get("content-type", "")) != JSON_CONTENT_TYPE:
        raise BadGateway
    body = bytearray()
    async for part in response.aiter_raw():
        body += part
        if len(body) > JSON_LIMIT_BYTES:
            raise BadGateway
    try:
        value = json.loads(bytes(body))
    except (ValueError, RecursionError):
        raise BadGateway from None
    if not isinstance(value, dict):
        raise BadGateway
    return value


async def _refusal(response: httpx2.Response, path: tuple[str, ...]) -> ApiError:
    """The contract's error for an unsuccessful answer; anything that is not in its shape is a bad gateway."""
    status = response.status_code
    if status < 400 or status == 401:
        return BadGateway()
    try:
        error = (await _json_object(response)).get("error")
    except BadGateway:
        error = None
    details = error.get("details") if isinstance(error, dict) else None
    retry_after = _seconds(details, response.headers.get("retry-after"))
    if not isinstance(error, dict) and (status not in (429, 503) or retry_after is None):
        return BadGateway()
    return _in_our_words(status, path, retry_after)


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
        case 409:
            return Conflict(
                "The conversation does not take this now.", resource="conversation", field="status"
            )
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
