"""Web origins (RFC 6454) and the patterns a site allows them by.

An origin is compared as a whole: scheme, host and port. There is no matching by suffix, ``null`` is no origin, and
anything a browser would not send in an ``Origin`` header is refused rather than repaired.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
_ORIGIN: Final = re.compile(
    r"(https?)://(\*\.)?(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::([0-9]{1,5}))?", re.ASCII
)
_EXTENSION_ORIGIN: Final = re.compile(r"(chrome|moz)-extension://([a-z0-9-]{1,64})", re.ASCII)
_ORIGIN_LIMIT: Final = 300
_READ_KEPT: Final = 1_024
"""So many hosts and origins are remembered as read: nearly every request names one that was named before."""


@dataclass(frozen=True, slots=True)
class WebOrigin:
    """An http(s) origin in its canonical form: lower case, the scheme's default port left out."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        default = _DEFAULT_PORTS[self.scheme] == self.port
        return f"{self.scheme}://{self.host}" + ("" if default else f":{self.port}")


@lru_cache(_READ_KEPT)
def parse_origin(text: str) -> WebOrigin | None:
    """`text` as a canonical http(s) origin, or None where it is none."""
    match = _ORIGIN.fullmatch(text) if len(text) <= _ORIGIN_LIMIT else None
    if match is None or match[2]:
        return None
    origin = _assemble(match[1], match[3], match[4])
    return origin if origin is not None and str(origin) == text else None


def _assemble(scheme: str, host: str, port: str | None) -> WebOrigin | None:
    number = int(port) if port else _DEFAULT_PORTS[scheme]
    if not 0 < number < 65_536 or not is_host(host):
        return None
    return WebOrigin(scheme, host, number)


def is_host(host: str) -> bool:
    """Whether `host` is a lower-case name or an IP literal (IPv6 in brackets)."""
    return is_ip_literal(host) or (len(host) <= 253 and bool(_NAME.fullmatch(host)))


def is_ip_literal(host: str) -> bool:
    """Whether `host` is an IPv4 address or a bracketed IPv6 address."""
    try:
        if host.startswith("[") and host.endswith("]"):
            ipaddress.IPv6Address(host[1:-1])
        else:
            ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True


@lru_cache(_READ_KEPT)
def is_loopback(host: str) -> bool:
    """Whether `host` names this machine: ``localhost``, a name under it, or a loopback address."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return is_ip_literal(host) and ipaddress.ip_address(host.strip("[]")).is_loopback


@lru_cache(_READ_KEPT)
def split_host(value: str) -> tuple[str, str] | None:
    """A ``Host`` header's value as (lower-case host, ``:port`` or nothing), or None where it is malformed."""
    match = re.fullmatch(r"(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:[0-9]{1,5})?", value.lower(), re.ASCII)
    if match is None or not is_host(match[1]):
        return None
    return match[1], match[2] or ""


def extension_origin(text: str) -> tuple[str, str] | None:
    """(``chrome`` or ``moz``, id) of a browser extension's origin, or None where it is none."""
    match = _EXTENSION_ORIGIN.fullmatch(text)
    return (match[1], match[2]) if match else None


@dataclass(frozen=True, slots=True)
class OriginPattern:
    """Which origins a site allows.

    `text` is an exact origin, ``https://*.example.com`` (any name below, not the name itself), or ``localhost``
    (this machine under any of its names, any port, http or https).
    """

    text: str

    @classmethod
    def parse(cls, text: str) -> OriginPattern | None:
        """`text` as a pattern, or None where it is neither an origin, a wildcard nor ``localhost``."""
        lowered = text.strip().lower().rstrip("/")
        if lowered == "localhost":
            return cls(lowered)
        match = _ORIGIN.fullmatch(lowered) if len(lowered) <= _ORIGIN_LIMIT else None
        if match is None:
            return None
        origin = _assemble(match[1], match[3], match[4])
        if origin is None or (match[2] and (is_ip_literal(origin.host) or "." not in origin.host)):
            return None
        return cls(str(origin).replace("://", "://*.") if match[2] else str(origin))

    def matches(self, origin: WebOrigin) -> bool:
        """Whether `origin` is one of these."""
        if self.text == "localhost":
            return is_loopback(origin.host)
        if "*." not in self.text:
            return str(origin) == self.text
        scheme, _, rest = self.text.partition("://*.")
        own = str(origin).removeprefix(f"{scheme}://")
        return origin.scheme == scheme and own.endswith("." + rest)

    def frame_ancestors(self) -> tuple[str, ...]:
        """The sources of a CSP ``frame-ancestors`` that allow these origins and no others."""
        if self.text == "localhost":
            names = ("localhost:*", "*.localhost:*", "127.0.0.1:*")
            return tuple(f"{scheme}://{name}" for scheme in ("http", "https") for name in names)
        return (self.text,)
