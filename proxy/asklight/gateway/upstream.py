"""The assistant service behind a site: the one place that holds its credential and speaks to it.

What leaves here is either what the contract promises or an :class:`~asklight.errors.ApiError` in words of ours:
upstream texts may hold secrets and are never passed on, and the text of the HTTP client's exceptions is dropped,
since it can quote the whole ``Authorization`` header.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import ssl
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol
from weakref import WeakValueDictionary

import httpx2

from asklight.contract import STREAM_CONTENT_TYPE
from asklight.errors import ApiError, BadGateway, RateLimited, ServiceUnavailable
from asklight.gateway.endpoint import Endpoint
from asklight.gateway.sessions import Session
from asklight.gateway.sockets import Socket, SocketRefused, Sockets
from asklight.gateway.streams import BROKE_OFF, AnswerStream, answer_stream
from asklight.gateway.transport import RelayTransport
from asklight.gateway.upstream_answers import Json, check, check_handed_over, json_object
from asklight.guard.sockets import RECEIVING
from asklight.sealed import Sealed, fault_in_secret
from asklight.settings import Patience, Upstream
from asklight.wire import media_type

logger = logging.getLogger("asklight.upstream")

VISITORS_LIMIT: Final = 10_000
"""So many visitors' upstream tokens are kept; the longest unused go first and are asked for again."""

_POOL_RETRY_SECONDS: Final = 5
_SHORT_REQUESTS: Final = 100
"""So many connections are there beside those of the answers: a chat can be listed while all of these are taken."""

_SOCKET_HEADERS: Final = frozenset({"origin", "user-agent"})


class _Translated:
    """The HTTP client's failures as ours; their text, which can quote the credential, is dropped.

    :param broken: what a reader is told where it broke.
    :param late: what where it took too long.
    """

    def __init__(self, broken: str | None, late: str) -> None:
        self._broken = broken
        self._late = late

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, httpx2.PoolTimeout):
            raise ServiceUnavailable(retry_after=_POOL_RETRY_SECONDS) from None
        if isinstance(error, httpx2.HTTPError | httpx2.StreamError | httpx2.InvalidURL):
            logger.warning("the assistant service failed: %s", type(error).__name__)
            is_late = isinstance(error, httpx2.TimeoutException)
            raise BadGateway(self._late if is_late else self._broken) from None


_LATE: Final = "The assistant service did not answer in time."
TRANSLATED: Final = _Translated(None, _LATE)
_WITHIN: Final = _Translated(BROKE_OFF, "The answer stopped coming before its end.")
"""The same once an answer has begun: the service was reached, and what it said so far is there."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The answer while a person has the conversation: nothing more comes on this response."""


class Credential(Protocol):
    """Gives the ``Authorization`` of one visitor's requests."""

    async def authorization(self, session: Session) -> str:
        """The header's value."""

    def forget(self, session: Session, refused: str) -> bool:
        """The upstream refused this value. True where another may be had, so that one more try makes sense."""


class Service:
    """One site's assistant service.

    :param endpoint: sends to the service.
    :param patience: how long it may take.
    :param key: opens the service's WebSockets, through `sockets`; without one there are none.
    :param can_delete: whether it takes ``DELETE`` for a conversation, which the contract does not have.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        credential: Credential,
        patience: Patience,
        key: Sealed | None = None,
        sockets: Sockets | None = None,
        *,
        can_delete: bool = False,
    ) -> None:
        self.can_delete = can_delete
        self._endpoint = endpoint
        self._credential = credential
        self._patience = patience
        self._key = key
        self._sockets = sockets or Sockets()

    async def close(self) -> None:
        """Ends every connection to the service."""
        await self._endpoint.close()

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
        :raises ApiError: the contract's error for what went wrong; 502 where the answer is none, or takes longer than
            an answer to a message may.
        """
        request = self._endpoint.request(method, path, body, query=query)
        try:
            async with asyncio.timeout(self._patience.answer):
                with TRANSLATED:
                    response = await self._ask(request, session, path)
                    try:
                        return await json_object(response)
                    finally:
                        await response.aclose()
        except TimeoutError:
            raise BadGateway(_LATE) from None

    async def send_message(
        self, session: Session, conversation_id: str, body: Mapping[str, Any]
    ) -> AnswerStream | Json | HandedOver:
        """Sends a message and gives what the service answers with.

        That is the raw bytes of an event stream, which the caller closes; the whole answer as JSON; or
        :class:`HandedOver`.

        :raises ApiError: as :meth:`request`; within the stream, :class:`BadGateway`.
        """
        path = ("conversations", conversation_id, "messages")
        streamed = bool(body.get("stream"))
        read_seconds = self._patience.first_byte if streamed else self._patience.answer
        request = self._endpoint.request("POST", path, body, read_seconds=read_seconds)
        with TRANSLATED:
            response = await self._ask(request, session, path)
            kind = media_type(response.headers.get("content-type", ""))
            if streamed and kind == STREAM_CONTENT_TYPE and response.status_code == 200:
                return answer_stream(response, _WITHIN)
            try:
                if kind == "text/plain":
                    await check_handed_over(response)
                    return HandedOver()
                return await json_object(response)
            finally:
                await response.aclose()

    @asynccontextmanager
    async def listen(self, conversation_id: str) -> AsyncIterator[Socket]:
        """The conversation's WebSocket, closed when the context ends.

        Its address holds the key. It goes to :class:`Sockets` alone, never through the HTTP client, which logs it.

        :raises SocketRefused: the service has none.
        :raises BadGateway: it cannot be opened now; within the context, it broke.
        """
        if self._key is None:
            raise SocketRefused
        path = ("conversations", conversation_id, "ws")
        request = self._endpoint.request("GET", path, query={"apiKey": self._key.unseal()})
        told = {name: request.headers[name] for name in _SOCKET_HEADERS & request.headers.keys()}
        async with self._sockets.open(request.url, told) as socket:
            yield socket

    async def _ask(
        self, request: httpx2.Request, session: Session, path: tuple[str, ...]
    ) -> httpx2.Response:
        """A successful response of the service, its body unread."""
        response = await self._dispatch(request, session)
        try:
            await check(response, path)
        except BaseException:
            await response.aclose()
            raise
        return response

    async def _dispatch(self, request: httpx2.Request, session: Session) -> httpx2.Response:
        """Sends `request` with the visitor's credential, and once more where a fresh one may be taken."""
        authorization = await self._credential.authorization(session)
        response = await self._endpoint.send(request, authorization)
        if response.status_code == 401 and self._credential.forget(session, authorization):
            await response.aclose()
            authorization = await self._credential.authorization(session)
            response = await self._endpoint.send(request, authorization)
        return response


class TokenCredential:
    """One API token for everybody."""

    def __init__(self, token: Sealed) -> None:
        self._token = token

    async def authorization(self, session: Session) -> str:
        return f"Bearer {self._token.unseal()}"

    def forget(self, session: Session, refused: str) -> bool:
        logger.error("the assistant service refuses the API token (401): check it")
        return False


class VisitorCredential:
    """A publishable key: each session is a visitor of the service, with a token of its own; all of a vouched user's are one.

    The visitor's name at the service is a hash of the session's id, or of the user's, which the service so never learns. Its
    token is kept in memory, and asked for again once when the service refuses it.
    """

    def __init__(self, endpoint: Endpoint, key: Sealed) -> None:
        self._endpoint = endpoint
        self._key = key
        self._tokens: OrderedDict[str, str] = OrderedDict()
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def authorization(self, session: Session) -> str:
        # One at a time for each visitor, so that requests sent together ask for one token together.
        async with self._asking.setdefault(session.visitor, asyncio.Lock()):
            if session.visitor not in self._tokens:
                self._tokens[session.visitor] = await self._identify(session)
                if len(self._tokens) > VISITORS_LIMIT:
                    self._tokens.popitem(last=False)
            self._tokens.move_to_end(session.visitor)
            return f"Bearer {self._tokens[session.visitor]}"

    def forget(self, session: Session, refused: str) -> bool:
        if refused == f"Bearer {self._tokens.get(session.visitor)}":
            del self._tokens[session.visitor]
        return True

    async def _identify(self, session: Session) -> str:
        visitor = hashlib.sha256(f"asklight.visitor\n{session.visitor}".encode()).hexdigest()
        path = ("identity", "init")
        wanted = {"apiKey": self._key.unseal(), "saVid": visitor}
        request = self._endpoint.request("POST", path, wanted)
        response = await self._endpoint.send(request, authorization=None)
        try:
            await check(response, path)
            token = (await json_object(response)).get("sessionToken")
        except (RateLimited, ServiceUnavailable):
            raise
        except ApiError:
            token = None
        finally:
            await response.aclose()
        if not isinstance(token, str) or fault_in_secret(token):
            logger.error("the assistant service gives no token for the publishable key: check it")
            raise BadGateway
        return token


def connect(upstream: Upstream, patience: Patience, streams: int) -> Service:
    """The configured service.

    :param streams: how many answers it may be giving at once.
    """
    headers = {"origin": upstream.origin} if upstream.origin else {}
    endpoint = Endpoint(upstream.url, _transport(upstream, streams), patience, headers)
    if upstream.key is not None:
        credential = VisitorCredential(endpoint, upstream.key)
        sockets = Sockets(_tls(upstream))
        return Service(endpoint, credential, patience, upstream.key, sockets)
    if upstream.token is None:
        raise ValueError("an upstream needs a token or a key")
    return Service(endpoint, TokenCredential(upstream.token), patience)


def connect_embedded(socket_path: str, token: Sealed, patience: Patience, streams: int) -> Service:
    """The embedded assistant, behind its unix socket."""
    transport = RelayTransport(connections_limit=streams + _SHORT_REQUESTS, socket_path=socket_path)
    endpoint = Endpoint("http://assistant/v2", transport, patience)
    return Service(endpoint, TokenCredential(token), patience, can_delete=True)


def _transport(upstream: Upstream, streams: int) -> httpx2.AsyncBaseTransport:
    if upstream.transport == "httpx2":
        limits = httpx2.Limits(
            max_connections=streams + _SHORT_REQUESTS, max_keepalive_connections=100
        )
        tls = _tls(upstream) or httpx2.create_ssl_context(trust_env=False)
        return httpx2.AsyncHTTPTransport(
            verify=tls, limits=limits, trust_env=False, socket_options=[RECEIVING]
        )
    return RelayTransport(
        connections_limit=streams + _SHORT_REQUESTS,
        tls=_tls(upstream),
        http2=upstream.transport == "relay-http2",
    )


def _tls(upstream: Upstream) -> ssl.SSLContext | None:
    """Trusts the configured certificates alone; None where there are none, for the usual authorities."""
    if upstream.ca_file is None:
        return None
    return ssl.create_default_context(cafile=str(upstream.ca_file))
