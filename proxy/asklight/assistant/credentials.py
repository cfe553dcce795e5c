"""Who is calling the assistant: the operator with the one bearer token, or a visitor with a session token of ours."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from itsdangerous import BadSignature, URLSafeTimedSerializer
from itsdangerous.timed import TimestampSigner

SESSION_SECONDS: Final = 12 * 60 * 60
"""A visitor's session token is good for so long; ``/identity/init`` with the same `saVid` gives the next one."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request comes from.

    :ivar visitor_id: the visitor, who sees their own conversations; None for the operator, who sees all.
    """

    visitor_id: str | None


OPERATOR: Final = Caller(None)


class _CanonicalSigner(TimestampSigner):
    """Accepts a signature only in the one encoding it was made in.

    Its base64 has unused bits at the end, so other texts decode to the same signature.
    """

    def verify_signature(self, value: str | bytes, sig: str | bytes) -> bool:
        given = sig.encode() if isinstance(sig, str) else sig
        return hmac.compare_digest(self.get_signature(value), given)


class Credentials:
    """Checks credentials and mints visitors' session tokens.

    :param token: the operator's bearer token. The key session tokens are signed with is derived from it, so changing
        the token ends every session.
    :param publishable_key: what ``/identity/init`` takes; None when visitors are not served.
    """

    def __init__(self, token: str, publishable_key: str | None) -> None:
        self._token = token.encode()
        self._publishable_key = None if publishable_key is None else publishable_key.encode()
        self._sessions = URLSafeTimedSerializer(
            hmac.digest(self._token, b"asklight assistant visitor session", "sha256"),
            salt="visitor",
            signer=_CanonicalSigner,
            signer_kwargs={"digest_method": hashlib.sha256},
        )

    def is_operator(self, bearer: str) -> bool:
        """Whether `bearer` is the operator's token; takes as long for any wrong one."""
        return hmac.compare_digest(bearer.encode(errors="replace"), self._token)

    def is_publishable_key(self, key: str) -> bool:
        """Whether visitors may start sessions with `key`."""
        expected = self._publishable_key
        return expected is not None and hmac.compare_digest(key.encode(), expected)

    def mint(self, visitor_id: str) -> str:
        """A session token for a visitor, good for twelve hours."""
        return self._sessions.dumps(visitor_id)

    def visitor_id(self, bearer: str) -> str | None:
        """The visitor a session token was minted for; None where it is forged, altered or over its time."""
        try:
            visitor_id = self._sessions.loads(bearer, max_age=SESSION_SECONDS)
        except BadSignature:
            return None
        return visitor_id if isinstance(visitor_id, str) else None
