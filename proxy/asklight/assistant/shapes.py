"""Stored things as the contract writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from asklight.state.tables import Conversation, Message, Visitor

Shape = dict[str, Any]

PROJECT: Final[Shape] = {
    "object": "project",
    "id": "6a1f4b0e-5d0b-5a55-9a3e-5b1f0c7f3a10",
    "name": "Asklight",
    "description": "The embedded assistant.",
    "chatWidgetConfig": {
        "displayName": "Asklight",
        "welcomeMessage": "Select anything. Ask.",
        "inputPlaceholder": "Ask about this page",
        "brandColor": "#FFE14A",
        "brandColorDark": "#F2C94C",
        "position": "bottom-right",
    },
}


def visitor_shape(visitor: Visitor) -> Shape:
    return {
        "object": "visitor",
        "id": visitor.id,
        "type": "anonymous",
        "externalId": None,
        "name": None,
        "avatarUrl": None,
    }


def conversation_shape(conversation: Conversation) -> Shape:
    """A conversation without its messages."""
    return {
        "object": "conversation",
        "id": conversation.id,
        "createdAt": _moment(conversation.created_at),
        "updatedAt": _moment(conversation.updated_at),
        "status": conversation.status,
        "closedAt": _moment(conversation.closed_at),
        "closeReason": conversation.close_reason,
        "lastInteractionAt": _moment(conversation.last_interaction_at),
        "isHumanHandled": False,
        "humanAgent": None,
        "title": conversation.title,
    }


def message_shape(message: Message) -> Shape:
    """A message; of the page only its address, title and selection are given back."""
    return {
        "object": "message",
        "id": message.id,
        "createdAt": _moment(message.created_at),
        "chatId": message.conversation_id,
        "role": message.role,
        "parts": [{"type": "text", "text": message.text}],
        "status": message.status,
        "error": message.error,
        "feedback": message.feedback,
        "feedbackAt": _moment(message.feedback_at),
        "metadata": None,
        "humanAgent": None,
        "pageUrl": message.page_url,
        "pageTitle": message.page_title,
        "textSelection": message.text_selection,
    }


def steps_shape(text: str) -> Shape:
    """An answer that is not streamed. Without a model no tokens are used."""
    usage = (
        "inputTokens",
        "outputTokens",
        "totalTokens",
        "reasoningTokens",
        "cachedInputTokens",
    )
    step = {
        "content": [{"type": "text", "text": text}],
        "finishReason": "stop",
        "usage": dict.fromkeys(usage, 0),
    }
    return {"steps": [step]}


def _moment(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
