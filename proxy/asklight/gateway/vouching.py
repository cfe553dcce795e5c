"""A site's word for who its visitor is: a JWT (RFC 7519) that the site signs with the secret it shares with this server.

PyJWT decides on signature, algorithm and audience: ``alg`` is HS256 whatever a token says of itself (RFC 8725, 3.1). The
times are looked at here, by the clock that the sessions go by, since ``exp`` has a bound that no library knows. ``iat`` and
``nbf`` may be ahead by what clocks may disagree by; ``exp`` may neither be over nor too far ahead.

Of the subject a hash is kept and nothing else: in the session, as the owner of conversations, as the service's visitor.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import jwt
from itsdangerous.encoding import base64_encode
from jwt.exceptions import InvalidSubjectError

from asklight.contract import utf16_length
from asklight.errors import Unauthorized, ValidationFailed
from asklight.gateway.sessions import CLOCK_SKEW_SECONDS
from asklight.settings import Site

ALGORITHM: Final = "HS256"

LONGEST_SECONDS: Final = 600
"""A token that is good for longer than this from now on is refused: it is made for one visit, not to be kept."""

SUBJECT_LIMIT: Final = 255
"""UTF-16 units; what OpenID Connect allows a ``sub``."""

_FIELD: Final = "userToken"

_REASONS: Final[tuple[tuple[type[jwt.PyJWTError], str], ...]] = (
    (jwt.InvalidAlgorithmError, f"must be signed with {ALGORITHM}"),
    (jwt.InvalidSignatureError, "is not signed with this site's secret"),
    (jwt.InvalidAudienceError, "must have this site's id as its aud"),
    (jwt.MissingRequiredClaimError, "must have aud, sub and exp"),
    (InvalidSubjectError, "must have a text as its sub"),
    (jwt.PyJWTError, "is no valid JWT"),
)
"""What is told of a token, by what PyJWT raised: the first that fits."""


class NotVouched(Unauthorized):
    """401: a ``userToken`` that proves nobody. ``details`` say why, and quote neither token nor secret."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The userToken {reason}.", details={"field": _FIELD, "reason": f"UserToken {reason}"}
        )


def vouched_user(site: Site, token: str, now: float) -> str:
    """What the user that `token` names is known by at `site`, on whatever device.

    :param now: seconds since the epoch.
    :raises ValidationFailed: the site vouches for nobody: it has no secret to check with.
    :raises NotVouched: the token is forged, for another site, over, or not as it should be.
    """
    if not site.user_secrets:
        raise ValidationFailed(
            _FIELD, "UserToken cannot be checked: no user_secret is set for this site"
        )
    claims = _claims(site, token)
    _check_times(claims, now)
    subject = claims["sub"]
    if not 0 < utf16_length(subject) <= SUBJECT_LIMIT:
        raise NotVouched(f"must have a sub of 1 to {SUBJECT_LIMIT} characters")
    try:
        named = f"asklight.user\n{site.id}\n{subject}".encode()
    except UnicodeEncodeError:
        raise NotVouched("must have a sub of whole characters") from None
    return base64_encode(hashlib.sha256(named).digest()).decode("ascii")


def _claims(site: Site, token: str) -> dict[str, Any]:
    """What is said in a token that one of the site's secrets has signed, for this site."""
    refusal: jwt.PyJWTError | None = None
    for secret in site.user_secrets:
        try:
            return jwt.decode(
                token,
                secret.unseal(),
                algorithms=[ALGORITHM],
                audience=site.id,
                options={
                    "require": ["aud", "sub", "exp"],
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except jwt.InvalidSignatureError as error:
            refusal = error  # another of the secrets may have signed it
        except jwt.PyJWTError as error:
            refusal = error
            break
    raise NotVouched(next(reason for kind, reason in _REASONS if isinstance(refusal, kind)))


def _check_times(claims: dict[str, Any], now: float) -> None:
    """:raises NotVouched: the token is over, not good yet, or good for too long; or a time is no number."""
    times = {name: claims[name] for name in ("exp", "iat", "nbf") if name in claims}
    if not all(type(time) in (int, float) for time in times.values()):
        raise NotVouched("must have its times as numbers")
    # NaN, which Python's JSON takes, is neither less nor more than anything.
    if not times["exp"] > now:
        raise NotVouched("has expired")
    if not times["exp"] <= now + LONGEST_SECONDS:
        raise NotVouched(f"must expire within {LONGEST_SECONDS} seconds")
    if not all(times.get(name, now) <= now + CLOCK_SKEW_SECONDS for name in ("iat", "nbf")):
        raise NotVouched("is not valid yet")
