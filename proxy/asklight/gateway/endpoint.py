"""Where an assistant service is reached: requests to its address, over an httpx2 transport.

What of httpx2's client a gateway must not have is not there to be switched off: nothing is redirected, no cookie is
kept (one endpoint speaks for all visitors), nothing is read from the environment, no address is logged. It also costs
a tenth of the client's time for each request.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import httpx2

from asklight.contract import JSON_CONTENT_TYPE, STREAM_CONTENT_TYPE
from asklight.settings import Patience

_WRITE_SECONDS: Final = 30
_POOL_SECONDS: Final = 0.005
"""How long httpx2's transport waits for a free connection; ours does not wait."""

_ADDRESSES_KEPT: Final = 1_024
"""So many addresses are kept parsed: whoever asks for one asks for it again."""


class Endpoint:
    """One service's address and the transport to it.

    :param url: the address every path is put after.
    :param headers: sent with every request.
    :param patience: how long its answers may take.
    """

    def __init__(
        self,
        url: str,
        transport: httpx2.AsyncBaseTransport,
        patience: Patience,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        base = httpx2.URL(url)
        self._base = str(base).rstrip("/")
        self._transport = transport
        self._timeouts = {
            "connect": patience.connect,
            "read": patience.first_byte,
            "write": _WRITE_SECONDS,
            "pool": _POOL_SECONDS,
            "silence": patience.silence,
        }
        self._headers = [
            (b"Host", base.netloc),
            (b"user-agent", b"asklight"),
            (b"accept", f"{STREAM_CONTENT_TYPE}, {JSON_CONTENT_TYPE}".encode()),
            (b"accept-encoding", b"identity"),
            *(
                (name.encode("ascii"), value.encode("ascii"))
                for name, value in (headers or {}).items()
            ),
        ]
        self._url = lru_cache(_ADDRESSES_KEPT)(self._parsed)

    def request(
        self,
        method: str,
        path: tuple[str, ...],
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        read_seconds: float | None = None,
    ) -> httpx2.Request:
        """A request without a credential.

        :param path: segments, each already checked to be a fixed word or a UUID.
        :param read_seconds: how long it may take until the answer begins, where that is not the usual.
        """
        url = self._url(path)
        if query:
            url = url.copy_merge_params(query)
        headers = list(self._headers)
        content = b""
        if body is not None:
            content = json.dumps(body).encode()
            headers += (
                (b"content-type", JSON_CONTENT_TYPE.encode()),
                (b"content-length", b"%d" % len(content)),
            )
        elif method == "POST":
            headers.append((b"content-length", b"0"))
        timeouts = dict(self._timeouts)
        if read_seconds is not None:
            timeouts["read"] = read_seconds
        return httpx2.Request(
            method,
            url,
            headers=headers,
            stream=httpx2.ByteStream(content),
            extensions={"timeout": timeouts},
        )

    async def send(self, request: httpx2.Request, authorization: str | None) -> httpx2.Response:
        """Sends a request of this endpoint's, with its credential.

        :returns: the response, its body unread.
        :raises httpx2.TransportError: it failed. A request that only asks is then sent once more, since a connection
            kept too long breaks when it is used; a message never is.
        """
        if authorization is not None:
            request.headers["authorization"] = authorization
        try:
            return await self._transport.handle_async_request(request)
        except (httpx2.NetworkError, httpx2.RemoteProtocolError) as error:
            if request.method != "GET" or isinstance(error, httpx2.ConnectError):
                raise
            return await self._transport.handle_async_request(request)

    async def close(self) -> None:
        """Ends every connection to the service."""
        await self._transport.aclose()

    def _parsed(self, path: tuple[str, ...]) -> httpx2.URL:
        """The address of `path`: whatever is in it, it comes after the service's host."""
        return httpx2.URL("/".join((self._base, *path)))
