"""How each kind of value in a configuration is written: a text, or a TOML value, in; a checked fact out.

Each function raises a ``PydanticCustomError`` whose message is a sentence to stand behind the setting's name, and never
quotes a secret.
"""

from __future__ import annotations

import ipaddress
import re
import ssl
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from limits import parse_many
from pydantic import PlainValidator, StringConstraints
from pydantic_core import PydanticCustomError

from asklight.sealed import Sealed, fault_in_secret, fault_in_signing_key
from asklight.settings import DEFAULT_UPSTREAM, Network, RateLimits
from asklight.weborigin import OriginPattern, WebOrigin, is_loopback, parse_origin


def _fault(sentence: str) -> PydanticCustomError:
    return PydanticCustomError("setting", "{sentence}", {"sentence": sentence})


def _texts(value: object) -> list[str]:
    """A comma-separated text, or a list of texts, as a list."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise _fault("must be a list of texts.")
    return [part.strip() for part in parts if part.strip()]


def _origin_patterns(value: object) -> tuple[OriginPattern, ...]:
    def pattern(text: str) -> OriginPattern:
        parsed = OriginPattern.parse(text)
        if parsed is None:
            raise _fault(
                f"{text!r} is not an origin. Write https://example.com, https://*.example.com "
                "or localhost."
            )
        return parsed

    return tuple(pattern(text) for text in _texts(value))


def _extensions(value: object) -> frozenset[str]:
    for text in (names := _texts(value)):
        if text != "firefox" and not (len(text) == 32 and set(text) <= set("abcdefghijklmnop")):
            raise _fault(
                f'{text!r} is neither a Chromium extension id (32 letters a to p) nor "firefox".'
            )
    return frozenset(names)


def _networks(value: object) -> tuple[Network, ...]:
    try:
        networks = tuple(ipaddress.ip_network(text) for text in _texts(value))
    except ValueError as error:
        raise _fault("must be networks like 10.0.0.0/8.") from error
    if any(network.prefixlen == 0 for network in networks):
        raise _fault("must not trust every address: anyone could then claim to be anyone.")
    return networks


def rates(value: object) -> RateLimits:
    try:
        return tuple(parse_many(str(value)))
    except ValueError as error:
        raise _fault("must read like 10/minute, 200/day.") from error


def _credential(value: object) -> Sealed:
    if not isinstance(value, str):
        raise _fault("must be a text.")
    secret = value.strip()
    if fault := fault_in_secret(secret):
        raise _fault(f"{fault}.")
    return Sealed(secret)


def _signing_keys(value: object) -> tuple[Sealed, ...]:
    if not isinstance(value, str):
        raise _fault("must be a text.")
    keys = [part.strip() for part in value.split(",")]
    for number, key in enumerate(keys, start=1):
        if fault := fault_in_signing_key(key):
            raise _fault(f"key {number} {fault}.")
    return tuple(Sealed(key) for key in keys)


def _public_url(value: object) -> WebOrigin:
    origin = parse_origin(str(value).strip().lower().rstrip("/"))
    if origin is None:
        raise _fault("must read like https://ask.example.com, without a path.")
    return origin


def _origin_text(value: object) -> str:
    return str(_public_url(value))


def _colour(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"#(?:[0-9a-fA-F]{3}){1,2}", value):
        raise _fault("must read like #FFE14A.")
    return value


def service_url(value: object) -> str:
    url = str(value).strip().rstrip("/")
    try:
        parts = urlsplit(url)
        complete = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        complete = False
    if not complete or not url.isascii() or not url.isprintable() or " " in url:
        raise _fault(f"must read like {DEFAULT_UPSTREAM}.")
    if parts.username is not None or parts.query or parts.fragment:
        raise _fault("must have no user, query or fragment.")
    return url


def _web_address(value: object) -> str:
    """The address of a page people are sent to: https, or this machine's."""
    text = value.strip() if isinstance(value, str) else ""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    is_web = text.isascii() and text.isprintable() and " " not in text and bool(host)
    if not is_web or not (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    ):
        raise _fault("must be a web address like https://www.example.com/privacy.")
    return text


def file_path(value: object) -> Path:
    if not isinstance(value, str) or "\0" in value:
        raise _fault("must be a path.")
    try:
        return Path(value).expanduser()
    except RuntimeError as error:
        raise _fault("names a home folder that is not there.") from error


def _certificates(value: object) -> Path:
    path = file_path(value)
    try:
        ssl.create_default_context(cafile=str(path))
    except OSError as error:  # ssl.SSLError is one
        raise _fault(f"{path} holds no certificates that can be read (PEM).") from error
    return path


Origins = Annotated[tuple[OriginPattern, ...], PlainValidator(_origin_patterns)]
Extensions = Annotated[frozenset[str], PlainValidator(_extensions)]
Networks = Annotated[tuple[Network, ...], PlainValidator(_networks)]
Rates = Annotated[RateLimits, PlainValidator(rates)]
Secret = Annotated[Sealed, PlainValidator(_credential)]
SigningKeys = Annotated[tuple[Sealed, ...], PlainValidator(_signing_keys)]
PublicUrl = Annotated[WebOrigin, PlainValidator(_public_url)]
OriginText = Annotated[str, PlainValidator(_origin_text)]
ServiceUrl = Annotated[str, PlainValidator(service_url)]
Colour = Annotated[str, PlainValidator(_colour)]
Certificates = Annotated[Path, PlainValidator(_certificates)]
FilePath = Annotated[Path, PlainValidator(file_path)]
WebAddress = Annotated[str, PlainValidator(_web_address)]
PageKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
SiteId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$")]
