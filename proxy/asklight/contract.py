"""The SiteAssist v2 shapes both sides use: limits, request bodies, list queries, identifiers, stream chunks.

The reference page of ``POST /conversations/{id}/messages`` wins over everything here. Lengths count UTF-16 code
units, as JavaScript's ``length`` does, because that is how the service's own clients count.

Unknown fields of a request are ignored and never passed on: only what a model below names survives.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError, from_json

from asklight.errors import ApiError, InvalidBody, NotFound, ValidationFailed

BODY_LIMIT_BYTES: Final = 1024 * 1024
"""A request body over this many bytes is refused with 413."""

CONTENT_LIMIT: Final = 10_000
PAGE_CONTENT_LIMIT: Final = 100_000
SELECTION_LIMIT: Final = 10_000
TITLE_LIMIT: Final = 500
URL_LIMIT: Final = 2_048
VISITOR_ID_LIMIT: Final = 100
CLOSE_REASON_LIMIT: Final = 256
API_KEY_LIMIT: Final = 200
USER_TOKEN_LIMIT: Final = 4_096

JSON_CONTENT_TYPE: Final = "application/json"
STREAM_CONTENT_TYPE: Final = "text/event-stream"
STREAM_HEADERS: Final = {
    "content-type": STREAM_CONTENT_TYPE,
    "cache-control": "no-cache, no-transform",
    "x-vercel-ai-ui-message-stream": "v1",
    "x-accel-buffering": "no",
}
"""What a server of the AI SDK UI message stream sends; ``no-transform`` and the last keep proxies from buffering."""

DONE: Final = b"[DONE]"
"""The data of the event that ends every stream."""

STOPPED: Final = "Stopped before the end."
"""The ``error`` of a stored answer that was stopped, or left by its reader: nothing failed."""

MESSAGE_SENT: Final = "Message sent"
"""The ``text/plain`` answer while a person has the conversation."""

DIRECT: Final = "asklight.direct"
"""The extension of ASGI's scope by which the guard lets the relay write pieces of a body past ``send``."""


def utf16_length(text: str) -> int:
    """How many UTF-16 code units `text` has: what JavaScript's ``length`` says."""
    return len(text) + sum(1 for character in text if character > "\uffff")


def _at_most(limit: int) -> AfterValidator:
    def check(text: str) -> str:
        # A Python string never has more code points than UTF-16 units, and at most half as many.
        if len(text) > limit or (len(text) > limit // 2 and utf16_length(text) > limit):
            raise PydanticCustomError(
                "utf16_too_long", "exceeds maximum length of {limit} characters", {"limit": limit}
            )
        return text

    return AfterValidator(check)


class _Body(BaseModel):
    """A request body: JSON types as they are (no coercion), unknown fields ignored."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, hide_input_in_errors=True)


class PageContext(_Body):
    """What the client gathered from the page; each part may be absent or null."""

    url: Annotated[str, _at_most(URL_LIMIT)] | None = None
    title: Annotated[str, _at_most(TITLE_LIMIT)] | None = None
    content: Annotated[str, _at_most(PAGE_CONTENT_LIMIT)] | None = None
    textSelection: Annotated[str, _at_most(SELECTION_LIMIT)] | None = None


class SendMessage(_Body):
    """Body of ``POST /conversations/{id}/messages``."""

    content: Annotated[str, Field(min_length=1), _at_most(CONTENT_LIMIT)]
    stream: bool = False
    pageContext: PageContext | None = None


class ConversationContext(_Body):
    pageUrl: Annotated[str, _at_most(URL_LIMIT)] | None = None


class CreateConversation(_Body):
    """Body of ``POST /conversations``; the body itself is optional."""

    context: ConversationContext | None = None


class CloseConversation(_Body):
    """Body of ``POST /conversations/{id}/close``; the body itself is optional."""

    closeReason: Annotated[str, _at_most(CLOSE_REASON_LIMIT)] | None = None


class Feedback(_Body):
    """Body of ``POST /messages/{id}/feedback``; null takes feedback back."""

    feedback: Literal["like", "dislike"] | None


class Initialise(_Body):
    """Body of ``POST /identity/init``. `transport` and `userToken` are the gateway's additions."""

    apiKey: Annotated[str, Field(min_length=1), _at_most(API_KEY_LIMIT)]
    saVid: Annotated[str, Field(min_length=1), _at_most(VISITOR_ID_LIMIT)] | None = None
    transport: Literal["cookie", "token"] = "token"
    userToken: Annotated[str, Field(min_length=1), _at_most(USER_TOKEN_LIMIT)] | None = None


class _Query(BaseModel):
    """Query parameters: text, so numbers are read from it. Unknown parameters are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class ConversationsQuery(_Query):
    """Query of ``GET /conversations``."""

    limit: Annotated[int, Field(ge=1, le=100)] = 10
    offset: Annotated[int, Field(ge=0, le=1_000_000_000)] = 0
    status: Literal["open", "closed"] | None = None
    orderBy: Literal[
        "id",
        "createdAt",
        "updatedAt",
        "lastInteractionAt",
        "status",
        "closedAt",
        "isHumanHandled",
        "title",
    ] = "lastInteractionAt"
    orderDir: Literal["asc", "desc"] = "desc"


class MessagesQuery(_Query):
    """Query of ``GET /conversations/{id}/messages``; no `limit` means all."""

    limit: Annotated[int, Field(ge=1, le=1000)] | None = None
    offset: Annotated[int, Field(ge=0, le=1_000_000_000)] = 0
    role: Literal["user", "assistant", "human_agent"] | None = None
    status: Literal["complete", "streaming", "error"] | None = None


class ProjectQuery(_Query):
    """Query of ``GET /projects/current``."""

    apiKey: Annotated[str, Field(min_length=1), _at_most(API_KEY_LIMIT)]


Shape = TypeVar("Shape", bound=BaseModel)

_OUT_OF_RANGE: Final = {
    "utf16_too_long",
    "string_too_short",
    "greater_than_equal",
    "less_than_equal",
    "int_parsing_size",
}


def parse_body(model: type[Shape], body: bytes) -> Shape:
    """`body` as a `model`.

    :raises InvalidBody: the body is not UTF-8 JSON, holds NaN, lone surrogates or more than 200 levels, is not an
        object, or a field is missing or of the wrong type.
    :raises ValidationFailed: a value is too long or out of range.
    """
    try:
        value = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise InvalidBody("Invalid request body. Valid JSON is required.") from None
    if not isinstance(value, dict):
        raise InvalidBody("Invalid request body. A JSON object is required.")
    return _validated(model, value)


def parse_fields(model: type[Shape], fields: dict[str, Any]) -> Shape:
    """`fields` of a body already read, as a `model`; raises as :func:`parse_body` does for fields."""
    return _validated(model, fields)


def parse_query(model: type[Shape], query: dict[str, str]) -> Shape:
    """`query` as a `model`; raises as :func:`parse_body` does."""
    return _validated(model, query)


def _validated(model: type[Shape], value: dict[str, Any]) -> Shape:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise _as_api_error(error.errors(include_url=False)[0]) from None


def _as_api_error(fault: ErrorDetails) -> ApiError:
    field = ".".join(str(part) for part in fault["loc"])
    name = field[:1].upper() + field[1:]
    kind = fault["type"]
    if kind == "missing":
        return InvalidBody(f"Invalid request body. {name} is required.", field=field)
    if kind == "string_too_short":
        return ValidationFailed(field, f"{name} must not be empty")
    chosen_badly = kind == "literal_error" and isinstance(fault["input"], str)
    if kind in _OUT_OF_RANGE or chosen_badly:
        return ValidationFailed(field, f"{name} {_lower_first(fault['msg'])}")
    return InvalidBody(f"Invalid request body. {name} has the wrong type.", field=field)


def _lower_first(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)


def conversation_id(text: str) -> str:
    """`text` as a canonical lower-case UUID, safe in an upstream path.

    :raises NotFound: it is none; the answer is that of an unknown conversation.
    """
    if not _UUID.fullmatch(text.lower()):
        raise NotFound.conversation(text)
    return text.lower()


def message_id(text: str) -> str:
    """`text` as a canonical lower-case UUID.

    :raises NotFound: it is none; the answer is that of an unknown message.
    """
    if not _UUID.fullmatch(text.lower()):
        raise NotFound.of_message(text)
    return text.lower()


_TEXT: Final = frozenset({"id", "providerMetadata"})
_TOOL: Final = frozenset({"toolCallId", "toolName", "providerExecuted", "dynamic", "title"})

CHUNK_FIELDS: Final[dict[str, frozenset[str]]] = {
    "start": frozenset({"messageId", "messageMetadata"}),
    "start-step": frozenset(),
    "finish-step": frozenset(),
    "text-start": _TEXT,
    "text-delta": _TEXT | {"delta"},
    "text-end": _TEXT,
    "reasoning-start": _TEXT,
    "reasoning-delta": _TEXT | {"delta"},
    "reasoning-end": _TEXT,
    "source-url": frozenset({"sourceId", "url", "title", "providerMetadata"}),
    "source-document": frozenset(
        {"sourceId", "mediaType", "title", "filename", "providerMetadata"}
    ),
    "file": frozenset({"url", "mediaType", "providerMetadata"}),
    "tool-input-start": _TOOL,
    "tool-input-delta": frozenset({"toolCallId", "inputTextDelta"}),
    "tool-input-available": _TOOL | {"input", "providerMetadata"},
    "tool-input-error": _TOOL | {"input", "errorText", "providerMetadata"},
    "tool-output-available": frozenset(
        {"toolCallId", "output", "providerExecuted", "dynamic", "preliminary"}
    ),
    "tool-output-error": frozenset({"toolCallId", "errorText", "providerExecuted", "dynamic"}),
    "message-metadata": frozenset({"messageMetadata"}),
    "finish": frozenset({"finishReason", "messageMetadata"}),
    "abort": frozenset(),
    "error": frozenset({"errorText"}),
}
"""The chunk types deployed clients accept and, beside ``type``, the fields they accept on each. An unknown type
errors the whole stream in every published client, an unknown field in most."""

DATA_CHUNK_FIELDS: Final = frozenset({"id", "data", "transient"})
"""The fields of a ``data-NAME`` chunk."""
