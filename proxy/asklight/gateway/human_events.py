"""What a reader is told of the people in a conversation, and how far it has come.

A frame's ``id`` says all that a reader has: the last message a person wrote, and whether it knows that a person has
joined. So a reader that comes back loses and doubles nothing, although nothing was kept for it meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from asklight.contract import message_id
from asklight.errors import BadGateway, NotFound
from asklight.gateway.events import encode_chunk
from asklight.gateway.shapes import message_shape

Message = Mapping[str, Any]
"""A message in the contract's shape."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a reader has come: ``message:1``, or ``message:0`` while it does not know that a person has joined.

    `message` is empty where there was none.
    """

    message: str
    knows_of_person: bool

    @classmethod
    def parse(cls, text: str | None) -> Place | None:
        """A ``Last-Event-ID`` as a place, or None where it is none.

        The id of a message alone, as ``GET …/messages`` has it, is one too. That reader is not told who has joined.
        """
        message, colon, knows = (text or "").partition(":")
        if (knows not in ("0", "1")) if colon else not message:
            return None
        try:
            return cls(message_id(message) if message else "", knows != "0")
        except NotFound:
            return None

    def __str__(self) -> str:
        return f"{self.message}:{int(self.knows_of_person)}"


@dataclass(frozen=True, slots=True)
class Frame:
    """One event as it is sent. `about` names what it tells: a message's id, or that a person has joined."""

    about: str
    data: bytes


JOINED: Final = "joined"


def place_frame(place: Place) -> bytes:
    """An event without data: it tells a reader its place and nothing else."""
    return b"id: %s\n\n" % str(place).encode("ascii")


def joined_frame(chat_id: str, place: Place) -> Frame:
    """``human_assigned``: a person has joined."""
    return Frame(JOINED, _encoded(place, {"type": "human_assigned", "chatId": chat_id}))


def message_frame(chat_id: str, message: Message, place: Place) -> Frame:
    """``new_message``: a person has written `message`."""
    value = {"type": "new_message", "chatId": chat_id, "message": message}
    return Frame(message["id"], _encoded(place, value))


def _encoded(place: Place, value: dict[str, Any]) -> bytes:
    return place_frame(place)[:-1] + b"data: %s\n\n" % encode_chunk(value)


def human(messages: Sequence[Message]) -> list[Message]:
    """Those that a person at the service wrote."""
    return [message for message in messages if message["role"] == "human_agent"]


@dataclass(frozen=True, slots=True)
class Said:
    """What the service's WebSocket said. `is_vague`: a new message, and not which."""

    message: Message | None = None
    has_joined: bool = False
    is_vague: bool = False


def read_said(text: str, chat_id: str) -> Said:
    """A text of the service's WebSocket, read tolerantly: what is not known, or of another chat, says nothing."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return Said()
    if not isinstance(value, dict) or value.get("chatId") not in (None, chat_id):
        return Said()
    if value.get("type") == "human_assigned":
        return Said(has_joined=True)
    if value.get("type") != "new_message":
        return Said()
    told = value.get("message")
    if not isinstance(told, dict):
        return Said(is_vague=True)
    try:
        return Said(message=message_shape(told))
    except BadGateway:
        return Said(is_vague=True)
