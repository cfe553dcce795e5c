"""Signed sessions: who asks, proven by a cookie or, where cookies do not come back, by a bearer token.

A thin layer over itsdangerous, for what its own session helpers leave out: SHA-256, a salt that binds cookie name,
site and purpose (so a cookie is never accepted as a token, nor on another site), a list of keys of which the first
signs and all verify, tolerance for clocks that disagree, one canonical encoding (the last base64 character of a
signature has unused bits, so some changed signatures still verify), an idle and an absolute lifetime.

Only this module touches the cookie.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from itsdangerous import BadData, Signer
from itsdangerous.encoding import base64_decode, base64_encode
from starlette.datastructures import Headers

from asklight.sealed import Sealed

CREDENTIAL_LIMIT_BYTES: Final = 1_024
"""A cookie or token longer than this is refused before it is decoded."""

PROVEN_KEPT: Final = 4_096
"""So many credentials are remembered as verified; the longest known goes first. A forged one never is."""

CLOCK_SKEW_SECONDS: Final = 300
RENEW_AFTER_SECONDS: Final = 600
"""A cookie last renewed this long ago is renewed with the next answer."""

SET_COOKIE: Final = "set-cookie"
"""The response header that takes what :meth:`Sessions.set_cookies` gives, each by itself."""

Purpose = Literal["cookie", "token"]

CookieForm = Literal["secure", "plain"]
"""``secure``: bound to the host, never sent over a network in the clear, and for pages of other sites too.
``plain``: for browsers that do not keep such a one here; it has neither prefix nor ``SameSite=None``, and serves pages
of the same site only."""


@dataclass(frozen=True, slots=True)
class Session:
    """One visitor of one site, on one origin. Times are whole seconds since the epoch.

    `user` is what a user the site vouches for is known by, on whatever device; None: nobody says who this is.
    """

    id: str
    site: str
    origin: str
    issued_at: int
    seen_at: int
    user: str | None = None

    @property
    def visitor(self) -> str:
        """Who everything belongs to and is counted against: a vouched user, else this session alone.

        Never the same for two of them within a site: an id has 22 characters, a user's hash 43.
        """
        return self.id if self.user is None else self.user


class Sessions:
    """Mints, signs and reads sessions.

    :param keys: the first signs, all verify; rotation is putting a new one in front.
    :param idle_seconds: a session unused for longer is over.
    :param max_seconds: a session older than this is over, however much it is used.
    """

    def __init__(
        self,
        keys: Sequence[Sealed],
        *,
        idle_seconds: int,
        max_seconds: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        # itsdangerous signs with the last key of its list.
        self._keys = [key.unseal().encode() for key in reversed(keys)]
        self._idle_seconds = idle_seconds
        self._max_seconds = max_seconds
        self._clock = clock
        self._proven: OrderedDict[tuple[Purpose, str, str, str], Session] = OrderedDict()
        """What credentials were found to prove, those shown last: whoever asks shows the same one again and again."""

    def mint(self, site: str, origin: str, user: str | None = None) -> Session:
        """A new session; its id is 128 random bits and means nothing to anyone else.

        :param user: the vouched user it is for.
        """
        now = int(self._clock())
        return Session(secrets.token_urlsafe(16), site, origin, now, now, user)

    def renewed(self, session: Session) -> Session:
        """The same session, used just now."""
        return replace(session, seen_at=int(self._clock()))

    def wants_renewal(self, session: Session) -> bool:
        """Whether the credential should be issued again, so that a session in use does not grow idle.

        A vouched user's is not: it ends `idle_seconds` after the site last vouched, and an answer that was on its way
        while the user signed out does not sign them in again.
        """
        if session.user is not None:
            return False
        return self._clock() - session.seen_at >= RENEW_AFTER_SECONDS

    def token(self, session: Session) -> str:
        """The bearer token of `session`: ``site.payload.signature``."""
        return f"{session.site}.{self._sign('token', session, '')}"

    def read_token(self, token: str) -> Session | None:
        """The session a bearer token proves, or None where it is forged, expired, malformed or a cookie's value."""
        if len(token) > CREDENTIAL_LIMIT_BYTES:
            return None
        site, _, signed = token.partition(".")
        return self._read("token", site, "", signed)

    def set_cookies(self, session: Session, forms: Sequence[CookieForm]) -> list[str]:
        """The ``Set-Cookie`` values that carry `session`: one for each form, of which a browser keeps what it can."""
        return [self._set_cookie(session, form) for form in forms]

    def _set_cookie(self, session: Session, form: CookieForm) -> str:
        name = _cookie_name(session.site, form)
        left = self._max_seconds - (int(self._clock()) - session.issued_at)
        # Starlette's set_cookie(partitioned=True) raises below Python 3.14.
        scope = "Secure; SameSite=None; Partitioned" if form == "secure" else "SameSite=Lax"
        value = self._sign("cookie", session, name)
        return (
            f"{name}={value}; Path=/; Max-Age={max(0, min(left, self._idle_seconds))}; "
            f"HttpOnly; {scope}"
        )

    def read_cookie(
        self, headers: Headers, site: str, forms: Sequence[CookieForm]
    ) -> Session | None:
        """The session in a request's ``Cookie`` headers, or None; two cookies of one name are none.

        The first of `forms` that is there alone counts: where a browser keeps the safer one, no other is looked at.
        """
        for form in forms:
            name = _cookie_name(site, form)
            values = _cookies(headers, name)
            if values:
                return self._read("cookie", site, name, values[0]) if len(values) == 1 else None
        return None

    def _sign(self, purpose: Purpose, session: Session, name: str) -> str:
        facts = [session.id, session.origin, session.issued_at, session.seen_at]
        written = [1, *facts] if session.user is None else [2, *facts, session.user]
        payload = json.dumps(written, separators=(",", ":"))
        signer = self._signer(purpose, session.site, name)
        return signer.sign(base64_encode(payload)).decode("ascii")

    def _read(self, purpose: Purpose, site: str, name: str, signed: str) -> Session | None:
        if len(signed) > CREDENTIAL_LIMIT_BYTES or not signed.isascii() or not site:
            return None
        shown = (purpose, site, name, signed)
        session = self._proven.get(shown)
        if session is None:
            session = self._verified(purpose, site, name, signed)
            if session is None:
                return None
            self._proven[shown] = session
            if len(self._proven) > PROVEN_KEPT:
                self._proven.popitem(last=False)
        return session if self._is_alive(session) else None

    def _verified(self, purpose: Purpose, site: str, name: str, signed: str) -> Session | None:
        """The session that `signed` proves, however old; None where it proves none."""
        try:
            payload = self._signer(purpose, site, name).unsign(signed)
            if not _is_canonical(signed.encode(), payload):
                return None
            return _decode(site, json.loads(base64_decode(payload)))
        except (BadData, ValueError):
            return None

    def _is_alive(self, session: Session) -> bool:
        now = self._clock()
        latest = now + CLOCK_SKEW_SECONDS
        if session.issued_at > latest or session.seen_at > latest:
            return False
        return (
            now - session.seen_at <= self._idle_seconds
            and now - session.issued_at <= self._max_seconds
        )

    def _signer(self, purpose: Purpose, site: str, name: str) -> Signer:
        return Signer(
            self._keys,
            salt=f"asklight.session\n{purpose}\n{name}\n{site}",
            key_derivation="hmac",
            digest_method=hashlib.sha256,
        )


def _cookie_name(site: str, form: CookieForm) -> str:
    return f"__Host-asklight-{site}" if form == "secure" else f"asklight-{site}"


def _cookies(headers: Headers, name: str) -> list[str]:
    """The values of all cookies of that name."""
    # Only what RFC 6265 calls white space is taken off: some browsers let a sibling host set a cookie named
    # "\x85__Host-…", which no prefix rule guards and which str.strip() would turn into ours.
    return [
        value.strip(" \t")
        for header in headers.getlist("cookie")
        for part in header.split(";")
        for key, equals, value in [part.partition("=")]
        if equals and key.strip(" \t") == name
    ]


def _is_canonical(signed: bytes, payload: bytes) -> bool:
    """Whether both parts are exactly what encoding them again gives."""
    signature = signed[len(payload) + 1 :]
    return base64_encode(base64_decode(payload)) == payload and (
        base64_encode(base64_decode(signature)) == signature
    )


def _decode(site: str, value: Any) -> Session | None:
    match value:
        case [1, str(identity), str(origin), int(issued_at), int(seen_at)]:
            return Session(identity, site, origin, issued_at, seen_at)
        case [2, str(identity), str(origin), int(issued_at), int(seen_at), str(user)]:
            return Session(identity, site, origin, issued_at, seen_at, user)
    return None
