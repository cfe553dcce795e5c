"""The error tree, and the one JSON shape every endpoint answers with.

::

    AsklightError
    ├── SettingsError                   the configuration is wrong (all faults at once)
    └── ApiError                        an answer in the contract's shape
        ├── InvalidBody            400  missing field, wrong type, broken JSON
        ├── Unauthorized           401
        ├── PaymentRequired        402
        ├── Forbidden              403
        ├── NotFound               404
        ├── MethodNotAllowed       405
        ├── Conflict               409
        ├── PayloadTooLarge        413
        ├── UnsupportedMediaType   415
        ├── MisdirectedRequest     421
        ├── ValidationFailed       422  too long, out of range
        ├── RateLimited            429
        ├── InternalError          500
        ├── BadGateway             502
        └── ServiceUnavailable     503

The shape is the contract's: ``{"error": {"message", "code"?, "details"?}}``. Messages are sentences of ours for
people; they never contain a text an upstream sent, an exception's text or a secret.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

Details = Mapping[str, Any]


class AsklightError(Exception):
    """Base of every error this package raises on purpose."""


class SettingsError(AsklightError):
    """The configuration is wrong.

    :param faults: one sentence each, naming the setting; never a secret's value.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class ApiError(AsklightError):
    """An error a client is told about, in the contract's shape.

    :param message: a sentence for people; the class's own when omitted.
    :param code: the machine-readable code; the class's own when omitted.
    :param details: facts a client may act on, JSON-encodable.
    """

    status: ClassVar[int] = 500
    default_code: ClassVar[str] = "INTERNAL_SERVER_ERROR"
    default_message: ClassVar[str] = "An internal server error occurred."

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        details: Details | None = None,
    ) -> None:
        self.message = message or self.default_message
        self.code = code or self.default_code
        self.details = dict(details) if details else None
        super().__init__(self.message)

    def body(self) -> dict[str, Any]:
        """The JSON body: ``{"error": {"message", "code", "details"?}}``."""
        error: dict[str, Any] = {"message": self.message, "code": self.code}
        if self.details:
            error["details"] = self.details
        return {"error": error}

    def headers(self) -> dict[str, str]:
        """Response headers that belong to this error."""
        return {}


class InvalidBody(ApiError):
    """400: a field is missing or of the wrong type, or the body is not JSON. ``details.field`` names it."""

    status = 400
    default_code = "INVALID_REQUEST_BODY"
    default_message = "The request body is invalid."

    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        super().__init__(message, details={"field": field} if field else None)


class Unauthorized(ApiError):
    """401: no credential, or one that is forged, expired or unknown."""

    status = 401
    default_code = "UNAUTHORIZED"
    default_message = "Authentication required. Start a session with POST /v2/identity/init."


class PaymentRequired(ApiError):
    """402: the assistant service's plan does not allow this."""

    status = 402
    default_code = "PAYMENT_REQUIRED"
    default_message = "The assistant's plan does not allow this."


class Forbidden(ApiError):
    """403: refused by the gate, whatever the credential."""

    status = 403
    default_code = "FORBIDDEN"
    default_message = "This request is not allowed."


class NotFound(ApiError):
    """404: an address, a conversation or a message that does not exist or is not the caller's."""

    status = 404
    default_code = "NOT_FOUND"
    default_message = "Nothing is here."

    @classmethod
    def conversation(cls, conversation_id: str) -> NotFound:
        """A conversation that is unknown or someone else's: the same answer for both."""
        return cls(
            "Conversation not found.",
            code="CONVERSATION_NOT_FOUND",
            details={"conversationId": conversation_id[:64]},
        )

    @classmethod
    def of_message(cls, message_id: str) -> NotFound:
        """A message that is unknown or someone else's: the same answer for both."""
        return cls(
            "Message not found.", code="MESSAGE_NOT_FOUND", details={"messageId": message_id[:64]}
        )


class MethodNotAllowed(ApiError):
    """405: the address exists, the method does not."""

    status = 405
    default_code = "METHOD_NOT_ALLOWED"
    default_message = "This address does not take that method."


class Conflict(ApiError):
    """409: the resource's state does not allow this now."""

    status = 409
    default_code = "CONFLICT"
    default_message = "The request conflicts with the current state."

    def __init__(self, message: str, *, resource: str, field: str) -> None:
        super().__init__(message, details={"resource": resource, "conflictingField": field})


class PayloadTooLarge(ApiError):
    """413: the body is over the limit. ``details.limit`` is in bytes."""

    status = 413
    default_code = "PAYLOAD_TOO_LARGE"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"The request body is over the limit of {limit} bytes.", details={"limit": limit}
        )


class UnsupportedMediaType(ApiError):
    """415: a body that is not ``application/json``."""

    status = 415
    default_code = "UNSUPPORTED_MEDIA_TYPE"
    default_message = "The request body must be sent as application/json."


class MisdirectedRequest(ApiError):
    """421: the ``Host`` is not one this server answers to."""

    status = 421
    default_code = "MISDIRECTED_REQUEST"
    default_message = "This server does not answer to that host name."


class ValidationFailed(ApiError):
    """422: a value is too long or out of range. ``details`` has ``field`` and ``reason``."""

    status = 422
    default_code = "VALIDATION_ERROR"

    def __init__(self, field: str, reason: str) -> None:
        super().__init__("Validation failed.", details={"field": field, "reason": reason})


class _RetryLater(ApiError):
    """An error that says when to try again, in the body and in ``Retry-After`` alike (seconds)."""

    def __init__(self, message: str | None = None, *, retry_after: int) -> None:
        self.retry_after = max(1, retry_after)
        super().__init__(message, details={"retryAfter": self.retry_after})

    def headers(self) -> dict[str, str]:
        return {"retry-after": str(self.retry_after)}


class RateLimited(_RetryLater):
    """429: a limit is reached."""

    status = 429
    default_code = "RATE_LIMIT_EXCEEDED"
    default_message = "Rate limit exceeded. Please try again later."


class InternalError(ApiError):
    """500: a fault of ours; the log has it, the client does not."""


class BadGateway(ApiError):
    """502: the assistant service answered with something that is not an answer, or not at all."""

    status = 502
    default_code = "BAD_GATEWAY"
    default_message = "The assistant service could not be reached or gave no valid answer."

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message, details={"service": "assistant"})


class ServiceUnavailable(_RetryLater):
    """503: too busy, or stopping."""

    status = 503
    default_code = "SERVICE_UNAVAILABLE"
    default_message = "Service temporarily unavailable."
