"""The states the widget can be in, each with the way into it: what axe looks at and what pictures are made of."""

from __future__ import annotations

from typing import Final

from support.states.answers import RICH_ANSWERS
from support.states.asking import ASKING
from support.states.chats import CHATS
from support.states.context import CONTEXT
from support.states.kinds import State
from support.states.launcher import LAUNCHER
from support.states.places import PLACES
from support.states.right_to_left import RIGHT_TO_LEFT
from support.states.trouble import TROUBLE
from support.states.users import USERS

STATES: Final[list[State]] = [
    *LAUNCHER,
    *CONTEXT,
    *ASKING,
    *RICH_ANSWERS,
    *TROUBLE,
    *CHATS,
    *USERS,
    *PLACES,
    *RIGHT_TO_LEFT,
]

__all__ = ["STATES", "State"]
