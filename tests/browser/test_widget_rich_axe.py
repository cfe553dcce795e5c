"""axe-core on what stands in answers, and on the panel from right to left, in both schemes, at two widths and in forced colours."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Browser

from support.servers import HostPages, RunningProxy
from support.states import RICH_ANSWERS, RIGHT_TO_LEFT, State
from support.told import ToldUpstream
from support.widget import Widget

MODES: list[tuple[Literal["light", "dark"], int, Literal["active"] | None]] = [
    ("light", 1280, None),
    ("dark", 1280, None),
    ("light", 390, None),
    ("dark", 390, "active"),
]


@pytest.mark.parametrize(("scheme", "width", "forced"), MODES)
@pytest.mark.parametrize("state", [*RICH_ANSWERS, *RIGHT_TO_LEFT], ids=lambda state: state.__name__)
def test_axe_finds_nothing(
    browser: Browser,
    pages: HostPages,
    told_proxy: RunningProxy,
    upstream: ToldUpstream,
    axe_source: str,
    state: State,
    scheme: Literal["light", "dark"],
    width: int,
    forced: Literal["active"] | None,
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
        reduced_motion="reduce",
        forced_colors=forced,
    )
    widget = Widget(context.new_page(), pages, told_proxy)
    state(widget, upstream)
    faults, passes = widget.axe(axe_source)
    context.close()
    upstream.forget()
    assert faults == []
    assert passes > 10, "axe looked at nothing"
