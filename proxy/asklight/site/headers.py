"""Response headers of the served pages: what a page may load, and who may frame it.

The policy is the strictest the widget itself is built for, so the start page is also the proof that it works there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

_HOST_SOURCE = re.compile(r"https?://(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*(:(\d{1,5}|\*))?")
"""CSP's ``host-source`` as far as a site may use it: nothing that could end the directive or allow everyone."""


EMBEDDED: Mapping[str, str] = MappingProxyType(
    {
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
)
"""What lets a page that demands COEP of its frames hold this one; who may frame it is the policy's to say."""


def frame_ancestors(sources: Iterable[str]) -> str:
    """Value of ``frame-ancestors`` for pages of ``sources`` and this server's own.

    :param sources: exact origins, ``https://*.example.com``, ``http://localhost:*``. IPv6 literals are left out:
        CSP has no syntax for them.
    :raises ValueError: a source is none of these, such as one with a path or a space.
    """
    named = [source for source in sources if "://[" not in source]
    for source in named:
        if not _HOST_SOURCE.fullmatch(source):
            raise ValueError(f"frame-ancestors needs http(s) origins in lower case, not {source!r}")
    return " ".join(["'self'", *named])


def page_headers(framers: str = "'none'") -> dict[str, str]:
    """Headers of an HTML page.

    :param framers: value of ``frame-ancestors``; nobody unless told.
    """
    policy = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        f"frame-ancestors {framers}",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
    return {
        "Content-Security-Policy": "; ".join(policy),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-cache",
    }
