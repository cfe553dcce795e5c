"""A secret that cannot be shown by accident."""

from __future__ import annotations

from typing import Final, NoReturn

SECRET_LIMIT: Final = 4_096
SIGNING_KEY_MINIMUM_BYTES: Final = 32


class Sealed:
    """Holds a secret: no ``repr``, no ``str``, no pickling; only :meth:`unseal` gives it.

    Where it may be unsealed is asserted by a test: the API token in ``gateway/upstream.py`` alone, the signing keys
    in ``gateway/sessions.py`` alone, what sites sign their users' tokens with in ``gateway/vouching.py`` alone.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def unseal(self) -> str:
        """The secret itself."""
        return self._value

    def __repr__(self) -> str:
        return "Sealed(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a sealed secret is not copied out of its process")


def fault_in_secret(value: str) -> str | None:
    """What keeps `value` from being used as a secret in a header, or None.

    A newline inside makes HTTP clients raise an error that quotes the whole secret, so this is checked once, at the
    start, and the answer never contains the value.
    """
    if not value:
        return "is empty"
    if len(value) > SECRET_LIMIT:
        return f"is longer than {SECRET_LIMIT} characters"
    if not all("!" <= character <= "~" for character in value):
        return "holds a space, a line break or a character outside printable ASCII"
    return None


def fault_in_signing_key(value: str) -> str | None:
    """As :func:`fault_in_secret`, and long enough that nobody can guess it."""
    if value and len(value) < SIGNING_KEY_MINIMUM_BYTES:
        return f"has fewer than {SIGNING_KEY_MINIMUM_BYTES} bytes. Make one with: asklight keygen"
    return fault_in_secret(value)
