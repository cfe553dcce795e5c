"""What can be set: the facts the server runs by, each already checked. ``configure.py`` makes them from what was written."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from limits import RateLimitItem

from asklight.guard.bounds import Bounds
from asklight.sealed import Sealed
from asklight.weborigin import OriginPattern, WebOrigin

DEFAULT_UPSTREAM: Final = "https://api.siteassist.io/v2"
CHROMIUM_EXTENSION_ID: Final = "hbfhngoffkljoannabpbhjniidhmefgn"
"""The id that the ``key`` in the extension's manifest gives every Chromium build of ours."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Transport = Literal["relay", "relay-http2", "httpx2"]
Sending = Literal["asgi", "direct"]
RateLimits = tuple[RateLimitItem, ...]
"""Several "so many per so long", all of which hold."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """The assistant service behind a site, and the credential for it: a token or a publishable key, never both.

    `origin` is what is sent as ``Origin``: a publishable key may be bound to a list of websites. `transport` is how
    it is reached: over connections of our own, made for relaying, by HTTP/1.1 or by HTTP/2 where the service has it, or
    over httpx2's. `ca_file` holds the certificates to trust in place of the usual authorities.
    """

    url: str
    token: Sealed | None = None
    key: Sealed | None = None
    origin: str | None = None
    transport: Transport = "relay"
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What a site's owner decides about the widget's looks and words; absent parts are ours."""

    title: str | None = None
    welcome: str | None = None
    placeholder: str | None = None
    color: str | None = None
    color_dark: str | None = None
    position: Literal["bottom-left", "bottom-right"] = "bottom-right"
    theme: Literal["light", "dark", "auto"] = "auto"
    privacy_url: str | None = None
    retention: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How often one session, or one address, may do what costs something."""

    messages_per_session: RateLimits
    messages_per_address: RateLimits
    conversations_per_session: RateLimits
    sessions_per_address: RateLimits


@dataclass(frozen=True, slots=True)
class Site:
    """One website that may use this proxy. `upstream` None means the embedded assistant.

    `page_key` is what pages and clients made for SiteAssist send as their ``apiKey``; it names this site as `id` does.
    `user_secrets` are what the site signs its users' tokens with, any of them; none: it vouches for nobody.
    """

    id: str
    origins: tuple[OriginPattern, ...]
    extensions: frozenset[str]
    limits: Limits
    look: Look
    upstream: Upstream | None
    page_key: str | None = None
    user_secrets: tuple[Sealed, ...] = ()

    def is_named(self, api_key: str) -> bool:
        """Whether an ``apiKey`` is this site's. It is public, and says only which site is meant."""
        return api_key in (self.id, self.page_key)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an assistant service may take, in seconds; beyond it, the reader is told.

    :param connect: until it takes the connection.
    :param first_byte: until it begins to answer.
    :param silence: between two pieces of a streamed answer.
    :param answer: for the whole answer, streamed or not.
    """

    connect: float = 10
    first_byte: float = 60
    silence: float = 60
    answer: float = 600


@dataclass(frozen=True, slots=True)
class Relaying:
    """What running answers and their readers may take.

    :param event_bytes: one event of the service's; a longer one ends its answer with an error.
    :param answer_bytes: the events kept of one answer; beyond it the answer ends with an error.
    :param all_answers_bytes: those of all answers together. Beyond it what is kept of ended ones goes first, then the
        longest running answer ends with an error; a new one that may not have room is refused before.
    :param streams: answers that are written at once, of all sites; one more question gets 503.
    :param lag_bytes: while every reader of an answer is further behind, the service is paused.
    :param readers_per_session: streams that one session reads at once; one more gets 429.
    :param keep_alive_seconds: a stream is silent no longer than this: it gets a comment before, so that nothing on the way
        gives it up.
    """

    event_bytes: int = 1024 * 1024
    answer_bytes: int = 4 * 1024 * 1024
    all_answers_bytes: int = 256 * 1024 * 1024
    streams: int = 5_000
    lag_bytes: int = 32 * 1024
    readers_per_session: int = 8
    keep_alive_seconds: float = 15


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the server needs to know. `secrets` None: one is generated and kept in `data_dir`.

    `sending` is how events reach the connection: by ASGI alone, or past it where the server is known.
    `stop_seconds` is how long answers may run on after a signal to stop. `assistant_token` and `assistant_key` are the credentials that ``asklight assistant`` asks of its clients.
    """

    host: str
    port: int
    public_url: WebOrigin | None
    data_dir: Path
    sites: Mapping[str, Site]
    secrets: tuple[Sealed, ...] | None
    trusted_proxies: tuple[Network, ...]
    grace_seconds: float
    session_idle_seconds: int
    session_max_seconds: int
    assistant_token: Sealed | None
    assistant_key: Sealed | None
    patience: Patience
    relaying: Relaying
    guard: Bounds
    sending: Sending
    stop_seconds: float
