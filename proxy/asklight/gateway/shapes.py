"""An upstream's JSON in the contract's shapes: read tolerantly, written strictly.

Only what the contract names goes on; a value of another type than it promises becomes null.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from asklight.contract import STOPPED, conversation_id, message_id
from asklight.errors import BadGateway, NotFound
from asklight.settings import Site

_ERROR_TEXT: Final = "The answer broke off."


def conversation_shape(value: Mapping[str, Any], *, whole: bool = True) -> dict[str, Any]:
    """A conversation.

    :param whole: with its messages, as `GET /conversations/{id}` has it; otherwise with ``lastMessage``, as lists do.
    :raises BadGateway: it has no UUID.
    """
    agent = value.get("humanAgent")
    last_interaction = value.get("lastInteractionAt") or value.get("lastInterationAt")  # older
    messages = [message_shape(part) for part in _objects(value.get("messages"))]
    shape: dict[str, Any] = {
        "object": "conversation",
        "id": conversation_uuid(value),
        "createdAt": _text(value.get("createdAt")),
        "updatedAt": _text(value.get("updatedAt")),
        "status": "closed" if value.get("status") == "closed" else "open",
        "closedAt": _text(value.get("closedAt")),
        "closeReason": _text(value.get("closeReason")),
        "lastInteractionAt": _text(last_interaction),
        "isHumanHandled": value.get("isHumanHandled") is True,
        "humanAgent": _agent(agent),
        "title": _text(value.get("title")),
    }
    if whole:
        shape["messages"] = messages
    else:
        shape["lastMessage"] = messages[-1] if messages else None
    return shape


def message_shape(value: Mapping[str, Any]) -> dict[str, Any]:
    """A message. An error's text is ours: the upstream's may hold a secret.

    :raises BadGateway: it has no UUID.
    """
    role, status = value.get("role"), value.get("status")
    return {
        "object": "message",
        "id": _message_uuid(value),
        "createdAt": _text(value.get("createdAt")),
        "chatId": _text(value.get("chatId")),
        "role": role if role in ("user", "assistant", "human_agent") else "assistant",
        "parts": [_part_shape(part) for part in _objects(value.get("parts"))],
        "status": status if status in ("complete", "streaming", "error") else None,
        "error": _error(value.get("error")),
        "feedback": value.get("feedback") if value.get("feedback") in ("like", "dislike") else None,
        "feedbackAt": _text(value.get("feedbackAt")),
        "metadata": value.get("metadata") if isinstance(value.get("metadata"), dict) else None,
        "humanAgent": _agent(value.get("humanAgent")),
        "pageUrl": _text(value.get("pageUrl")),
        "pageTitle": _text(value.get("pageTitle")),
        "textSelection": _text(value.get("textSelection")),
    }


def _error(value: object) -> str | None:
    """What is said of an answer that did not come to its end: in our words, since the service's may hold anything."""
    return STOPPED if value == STOPPED else _ERROR_TEXT if value else None


def messages_of(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The messages of a list answer; raises as :func:`message_shape`."""
    return [message_shape(part) for part in _objects(value.get("data"))]


def whole_answer_shape(value: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a message that asked for no stream.

    :raises BadGateway: it has no steps.
    """
    steps = _objects(value.get("steps"))
    if not steps:
        raise BadGateway
    return {"steps": [_step_shape(step) for step in steps]}


def project_shape(site: Site) -> dict[str, Any]:
    """The site as the contract's project: what its owner decided about the widget, and nothing else."""
    look = site.look
    config = {
        "displayName": look.title,
        "welcomeMessage": look.welcome,
        "inputPlaceholder": look.placeholder,
        "brandColor": look.color,
        "brandColorDark": look.color_dark,
        "position": look.position,
        # Beyond the contract, whose clients pass over what they do not know.
        "theme": look.theme,
        "privacyUrl": look.privacy_url,
        "retentionNotice": look.retention,
    }
    return {
        "object": "project",
        "id": site.id,
        "name": look.title or site.id,
        "description": None,
        "chatWidgetConfig": {name: value for name, value in config.items() if value is not None},
    }


def conversation_uuid(value: Mapping[str, Any]) -> str:
    """The id of an upstream's conversation.

    :raises BadGateway: it is no UUID, and could not be asked for safely.
    """
    try:
        return conversation_id(str(value.get("id")))
    except NotFound:
        raise BadGateway from None


def _message_uuid(value: Mapping[str, Any]) -> str:
    try:
        return message_id(str(value.get("id")))
    except NotFound:
        raise BadGateway from None


def _part_shape(part: Mapping[str, Any]) -> dict[str, Any]:
    return {**part, "errorText": _ERROR_TEXT} if "errorText" in part else dict(part)


def _step_shape(step: Mapping[str, Any]) -> dict[str, Any]:
    usage = step.get("usage")
    content = [
        {"type": "text", "text": part["text"]}
        for part in _objects(step.get("content"))
        if part.get("type") == "text" and isinstance(part.get("text"), str)
    ]
    return {
        "content": content,
        "finishReason": _text(step.get("finishReason")),
        "usage": {name: count for name, count in usage.items() if isinstance(count, int)}
        if isinstance(usage, dict)
        else {},
    }


def _agent(value: object) -> dict[str, str | None] | None:
    if not isinstance(value, dict):
        return None
    return {"name": _text(value.get("name")), "image": _text(value.get("image"))}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _objects(value: object) -> list[dict[str, Any]]:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []
