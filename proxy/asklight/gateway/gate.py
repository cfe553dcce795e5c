"""The gate in front of everything under ``/v2``: it refuses before any handler runs.

Order: preflight, provenance, media type, session. What passes carries a :class:`Caller`; whether a session is
needed is the handler's question. Answers to an allowed origin carry its name, on errors and streams too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from asklight.contract import JSON_CONTENT_TYPE
from asklight.errors import ApiError, Forbidden, Unauthorized, UnsupportedMediaType
from asklight.gateway.origins import Origins, Provenance, cors_headers
from asklight.gateway.sessions import SET_COOKIE, CookieForm, Session, Sessions
from asklight.settings import Site
from asklight.wire import error_response, media_type

_CALLER = "asklight.caller"
_OWN_ORIGIN = "asklight.own_origin"
_SEND = "asklight.send"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request comes from, as far as the gate could prove it.

    `origin` None: sent without one, with a bearer token. `session` None: none was shown, or it is over.
    `by_token`: the session was proven by a bearer token. `cookie_forms`: what cookies browsers keep here.
    """

    site: Site
    origin: str | None
    session: Session | None
    by_token: bool
    cookie_forms: tuple[CookieForm, ...]


def caller_of(request: Request) -> Caller:
    """The caller the gate let through."""
    caller: Caller = request.scope[_CALLER]
    return caller


def session_of(request: Request) -> Session:
    """The caller's session.

    :raises Unauthorized: there is none.
    """
    session = caller_of(request).session
    if session is None:
        raise Unauthorized
    return session


def own_origin_of(scope: Scope) -> str:
    """The origin of this server's own pages, as :class:`HostCheck` found it for this request."""
    origin: str = scope[_OWN_ORIGIN]
    return origin


def body_sender(scope: Scope, send: Send) -> Send:
    """What sends body messages of this request, past the middleware between :class:`HostCheck` and the handler, all
    of which look at headers only.

    `send` itself where there is no host check. Messages that start a response never go this way.
    """
    past: Send = scope.get(_SEND, send)
    return past


class HostCheck:
    """ASGI middleware around everything: only hosts that are ours are answered (421 otherwise)."""

    def __init__(self, app: ASGIApp, origins: Origins) -> None:
        self._app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope[_SEND] = send
            try:
                scope[_OWN_ORIGIN] = self._origins.own_origin(Headers(scope=scope))
            except ApiError as refusal:
                await error_response(refusal)(scope, receive, send)
                return
        try:
            await self._app(scope, receive, send)
        finally:
            scope.pop(_SEND, None)  # it leads back to what holds the scope


class Gate:
    """ASGI middleware that lets through only what may be answered."""

    def __init__(
        self, app: ASGIApp, origins: Origins, sessions: Sessions, sites: Mapping[str, Site]
    ):
        self._app = app
        self._origins = origins
        self._sessions = sessions
        self._sites = sites

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        answered_origin: str | None = None
        try:
            own_origin = own_origin_of(scope)
            if scope["method"] == "OPTIONS":
                allowed = self._origins.preflight_headers(headers, own_origin)
                await _no_content(allowed)(scope, receive, send)
                return
            provenance = self._origins.provenance(scope["method"], headers, own_origin)
            answered_origin = provenance.origin
            caller = self._admit(scope["method"], headers, provenance, own_origin)
        except ApiError as refusal:
            extra = cors_headers(answered_origin) if answered_origin else {}
            response = error_response(refusal, {**extra, "vary": "Origin"})
            await response(scope, receive, send)
            return
        scope[_CALLER] = caller
        await self._app(scope, receive, _with_headers(send, self._answer_headers(caller)))

    def _admit(
        self, method: str, headers: Headers, provenance: Provenance, own_origin: str
    ) -> Caller:
        content_type = headers.get("content-type")
        if content_type is not None and media_type(content_type) != JSON_CONTENT_TYPE:
            raise UnsupportedMediaType
        forms = self._origins.cookie_forms(headers, own_origin, provenance.origin)
        token = _bearer(headers)
        if token is None:
            if provenance.origin is None or provenance.site is None:
                raise Forbidden("Send this request from an allowed page, or with a bearer token.")
            site = provenance.site
            session = self._sessions.read_cookie(headers, site.id, forms)
        else:
            session = self._sessions.read_token(token)
            site = self._site_of_token(session, provenance)
        if session is not None and provenance.origin not in (None, session.origin):
            session = None  # made on another origin: not this caller's
        if provenance.origin is None and session is None:
            raise Unauthorized
        return Caller(site, provenance.origin, session, token is not None, forms)

    def _site_of_token(self, session: Session | None, provenance: Provenance) -> Site:
        site = self._sites.get(session.site) if session is not None else provenance.site
        if site is None or (provenance.site is not None and site is not provenance.site):
            raise Unauthorized
        return site

    def _answer_headers(self, caller: Caller) -> list[tuple[str, str]]:
        headers = [("vary", "Origin")]
        if caller.origin is not None:
            headers += cors_headers(caller.origin).items()
        session = caller.session
        if session is not None and not caller.by_token and self._sessions.wants_renewal(session):
            renewed = self._sessions.renewed(session)
            cookies = self._sessions.set_cookies(renewed, caller.cookie_forms)
            headers += [(SET_COOKIE, cookie) for cookie in cookies]
        return headers


def _bearer(headers: Headers) -> str | None:
    """The bearer token (RFC 6750), or None where no ``Authorization`` is sent.

    :raises Unauthorized: it is sent, and is something else.
    """
    values = headers.getlist("authorization")
    if not values:
        return None
    scheme, _, token = values[0].partition(" ")
    if len(values) > 1 or scheme.lower() != "bearer" or not token.strip():
        raise Unauthorized
    return token.strip()


def _no_content(headers: dict[str, str]) -> Response:
    return Response(status_code=204, headers={**headers, "vary": "Origin"})


def _with_headers(send: Send, extra: list[tuple[str, str]]) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            is_set = SET_COOKIE in headers
            for name, value in extra:
                if name != SET_COOKIE or not is_set:  # a handler's own cookie is newer
                    headers.append(name, value)
        await send(message)

    return send_with_headers
