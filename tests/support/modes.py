"""How a visitor looks at the widget: by which light, on what, and with whose colours."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from playwright.sync_api import Page


class Mode(NamedTuple):
    """One way to look at it."""

    name: str
    width: int = 900
    scheme: Literal["light", "dark"] = "light"
    forced: Literal["active", "none"] = "none"
    is_touched: bool = False


MODES: Final = [
    Mode("light"),
    Mode("dark", scheme="dark"),
    Mode("phone", width=390, is_touched=True),
    Mode("forced", scheme="dark", forced="active"),
]

HEIGHT: Final = 760


class Visitor:
    """Looks at a page in one way after another, without loading it again."""

    def __init__(self, page: Page) -> None:
        self._page = page
        # What is set over a session lasts as long as the session.
        self._session = page.context.new_cdp_session(page)

    def look(self, mode: Mode) -> None:
        """Looks in this way from now on."""
        self._page.set_viewport_size({"width": mode.width, "height": HEIGHT})
        self._page.emulate_media(
            color_scheme=mode.scheme, forced_colors=mode.forced, reduced_motion="reduce"
        )
        self._session.send("Emulation.setTouchEmulationEnabled", {"enabled": mode.is_touched})
