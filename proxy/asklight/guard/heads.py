"""A request's head, read strictly: what two HTTP readers could take differently is refused, not repaired.

The rules are RFC 9112's (and RFC 9110's for field values), with the leniencies it grants taken back wherever front
and back have been seen to differ. What passes is written anew for the parser behind, from the parts read here, so
that it cannot see anything else than was checked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from asklight.errors import ApiError, PayloadTooLarge
from asklight.guard.bounds import Bounds
from asklight.guard.refusals import (
    BadRequest,
    HeadersTooLarge,
    NotImplementedHere,
    VersionNotSupported,
)

Fields = Mapping[bytes, Sequence[bytes]]
"""Names, in lower case, and their values."""

BodyLength = int | Literal["chunked"]

METHODS: Final = frozenset((b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS"))
"""The methods a handler may be asked with. CONNECT and TRACE make tunnels and echoes, which are not offered."""

_REQUEST_LINE: Final = re.compile(rb"([A-Za-z]{1,20}) ([\x21-\x7e]+) HTTP/([0-9])\.([0-9])")
_NAME: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110, 5.6.2: token
_HOST: Final = re.compile(rb"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_LENGTH: Final = re.compile(rb"[0-9]{1,19}")
_ABSOLUTE: Final = re.compile(rb"(?i:(https?)://([^/?]*)(.*))")
_DEFAULT_PORTS: Final = {b"http": b":80", b"https": b":443"}
_CONTROLS: Final = bytes([*(set(range(0x20)) - set(b"\t\r\n")), 0x7F])
"""What no head may hold (RFC 9110, 5.5); line ends are looked at by themselves."""


@dataclass(frozen=True, slots=True)
class Head:
    """A head that passed.

    :param raw: it, written anew: what the parser behind is given.
    :param length: of the body that follows: a number of bytes, or ``chunked``.
    :param keeps_alive: another request may follow on the connection.
    :param expects_continue: the client waits for ``100 Continue`` before it sends the body.
    """

    raw: bytes
    length: BodyLength
    keeps_alive: bool
    expects_continue: bool


def read_head(raw: bytes, bounds: Bounds) -> Head:
    """A request's head.

    :param raw: request line and header lines, without the empty line at the end and the line break before it.
    :raises ApiError: it is refused; the error says with what.
    """
    if not raw.count(b"\r\n") == raw.count(b"\n") == raw.count(b"\r"):
        raise BadRequest("Lines must end with CR LF.")
    if len(raw.translate(None, _CONTROLS)) != len(raw):
        raise BadRequest("The headers hold a control character.")
    request_line, *lines = raw.split(b"\r\n")
    method, target, is_http_1_1 = _read_request_line(request_line)
    if len(lines) > bounds.header_count:
        raise HeadersTooLarge(bounds.header_count, "lines")
    fields = _read_fields(lines)
    host = _read_host(fields.get(b"host", ()), required=is_http_1_1)
    target = _read_target(method, target, host)
    length = _read_length(fields, bounds.body_bytes, chunks_allowed=is_http_1_1)
    return Head(
        raw=_written(method, target, is_http_1_1, fields),
        length=length,
        keeps_alive=is_http_1_1 and b"close" not in _tokens(fields.get(b"connection", ())),
        expects_continue=_read_expectation(fields) and is_http_1_1,
    )


def without_keep_alive(head: Head) -> Head:
    """The same request, as the only one of its connection."""
    raw = head.raw.removesuffix(b"\r\n") + b"connection: close\r\n\r\n"
    return replace(head, raw=raw, keeps_alive=False)


def _read_request_line(line: bytes) -> tuple[bytes, bytes, bool]:
    match = _REQUEST_LINE.fullmatch(line)
    if match is None:
        raise BadRequest
    method, target, major, minor = match.groups()
    if major != b"1" or minor not in b"01":
        raise VersionNotSupported
    if method not in METHODS:
        raise NotImplementedHere
    return method, target, minor == b"1"


def _read_fields(lines: Sequence[bytes]) -> Fields:
    fields: dict[bytes, list[bytes]] = {}
    for line in lines:
        # A name is followed by the colon at once, and no line goes on with another (RFC 9112, 5.1 and 5.2).
        name, colon, value = line.partition(b":")
        if not colon or not _NAME.fullmatch(name):
            raise BadRequest("A header line is malformed.")
        fields.setdefault(name.lower(), []).append(value.strip(b" \t"))
    return fields


def _tokens(values: Sequence[bytes]) -> set[bytes]:
    return {token.strip(b" \t").lower() for value in values for token in value.split(b",")}


def _read_host(values: Sequence[bytes], *, required: bool) -> bytes | None:
    """RFC 9112, 3.2: exactly one ``Host``, and a valid one; HTTP/1.0 may go without."""
    if len(values) > 1 or (required and not values):
        raise BadRequest("A request needs exactly one Host.")
    if values and not _HOST.fullmatch(values[0]):
        raise BadRequest("The Host is malformed.")
    return values[0] if values else None


def _read_target(method: bytes, target: bytes, host: bytes | None) -> bytes:
    """The target in origin form: where the whole address is named, its host must be ``Host``'s."""
    if b"#" in target:
        raise BadRequest("The request's target is malformed.")
    if target.startswith(b"/") or (target == b"*" and method == b"OPTIONS"):
        return target
    match = _ABSOLUTE.fullmatch(target)
    if match is None:
        raise BadRequest("The request's target is malformed.")
    scheme, authority, rest = match.groups()
    port = _DEFAULT_PORTS[scheme.lower()]
    if host is None or _without(port, authority) != _without(port, host):
        raise BadRequest("The request's target and its Host differ.")
    return rest if rest.startswith(b"/") else b"/" + rest


def _without(port: bytes, authority: bytes) -> bytes:
    return authority.lower().removesuffix(port)


def _read_length(fields: Fields, limit: int, *, chunks_allowed: bool) -> BodyLength:
    """RFC 9112, 6: one ``Content-Length`` or one ``Transfer-Encoding: chunked``, never both, never two."""
    lengths, codings = fields.get(b"content-length", ()), fields.get(b"transfer-encoding", ())
    if codings:
        if lengths or len(codings) > 1 or not chunks_allowed:
            raise BadRequest("The length of the request's body is ambiguous.")
        if codings[0].lower() != b"chunked":
            raise _unknown_coding(codings[0])
        return "chunked"
    if not lengths:
        return 0
    if len(lengths) > 1 or not _LENGTH.fullmatch(lengths[0]):
        raise BadRequest("The length of the request's body is ambiguous.")
    length = int(lengths[0])
    if length > limit:
        raise PayloadTooLarge(limit)
    return length


def _unknown_coding(value: bytes) -> ApiError:
    """A body that is coded, then cut into chunks, has an end but cannot be read; any other has no certain end."""
    *inner, last = (coding.strip(b" \t") for coding in value.lower().split(b","))
    is_framed = inner and last == b"chunked" and b"chunked" not in inner
    return NotImplementedHere() if is_framed else BadRequest()


def _read_expectation(fields: Fields) -> bool:
    values = [value.lower() for value in fields.get(b"expect", ())]
    if values not in ([], [b"100-continue"]):
        raise BadRequest("The only expectation known here is 100-continue.")
    return bool(values)


def _written(method: bytes, target: bytes, is_http_1_1: bool, fields: Fields) -> bytes:
    """The head as the parser behind sees it.

    Without ``Upgrade``, which may be ignored (RFC 9110, 7.8) and which that parser takes for the end of HTTP, and
    without ``Expect``, which is answered here: an application that answers without asking for the body leaves
    client and server of two minds about whether it still comes.
    """
    version = b"1.1" if is_http_1_1 else b"1.0"
    lines = [method + b" " + target + b" HTTP/" + version]
    lines += [
        name + b": " + value
        for name, values in fields.items()
        if name not in (b"upgrade", b"expect")
        for value in values
    ]
    return b"\r\n".join([*lines, b"", b""])
