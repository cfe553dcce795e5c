"""What the AI SDK's default chat transport sends, as far as it means something here.

Its body is ``{id, messages, trigger, messageId}`` and whatever the page adds with ``body``. It tells the whole history
every time; the service keeps its own, so of `messages` only the last question counts.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

from asklight.contract import PageContext, SendMessage, parse_fields
from asklight.errors import InvalidBody, ValidationFailed

CHAT_ID_LIMIT: Final = 255


class ChatBody(BaseModel):
    """Body of ``POST /chat``. `pageContext` is the contract's, taken where the page adds it; what else it adds is not."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, hide_input_in_errors=True)

    id: str
    messages: list[dict[str, Any]]
    trigger: Literal["submit-message", "regenerate-message"] = "submit-message"
    pageContext: PageContext | None = None

    def question(self) -> SendMessage:
        """The last user message, as the contract sends it: its text parts, a blank line between two.

        :raises InvalidBody: there is no user message, or it has no parts.
        :raises ValidationFailed: its text is empty or too long, or it has a file, which the service does not take.
        """
        asked = next((one for one in reversed(self.messages) if one.get("role") == "user"), None)
        if asked is None:
            raise InvalidBody("Invalid request body. A user message is required.", field="messages")
        fields: dict[str, Any] = {"content": _text_of(asked.get("parts")), "stream": True}
        if self.pageContext is not None:
            fields["pageContext"] = self.pageContext.model_dump(exclude_unset=True)
        return parse_fields(SendMessage, fields)


def _text_of(parts: object) -> str:
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise InvalidBody(
            "Invalid request body. The last user message has no parts.", field="messages"
        )
    if any(part.get("type") == "file" for part in parts):
        raise ValidationFailed("messages", "Files cannot be sent")
    texts = (part.get("text") for part in parts if part.get("type") == "text")
    return "\n\n".join(text for text in texts if isinstance(text, str))


def check_chat_id(text: str) -> str:
    """`text`, which a client chose to name a chat by.

    :raises ValidationFailed: it is empty, over :data:`CHAT_ID_LIMIT`, or not printable ASCII.
    """
    if not (text.isascii() and text.isprintable()) or not 0 < len(text) <= CHAT_ID_LIMIT:
        raise ValidationFailed("id", f"Id must be 1 to {CHAT_ID_LIMIT} ASCII characters")
    return text
