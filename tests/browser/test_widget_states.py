"""axe-core on every state of the widget, by day and by night, on a phone, and in colours of the visitor's own."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from support.modes import MODES, Visitor
from support.servers import HostPages, RunningProxy
from support.states import STATES, State
from support.told import ToldUpstream
from support.widget import Widget


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_axe_finds_nothing(
    browser: Browser,
    pages: HostPages,
    told_proxy: RunningProxy,
    upstream: ToldUpstream,
    axe_source: str,
    state: State,
) -> None:
    context = browser.new_context(locale="en")
    context.set_default_timeout(10_000)
    widget = Widget(context.new_page(), pages, told_proxy)
    visitor = Visitor(widget.page)
    visitor.look(MODES[0])
    state(widget, upstream)
    found = {}
    for mode in MODES:
        visitor.look(mode)
        found[mode.name] = widget.axe(axe_source)
    context.close()
    upstream.fall_silent()
    for name, (faults, passes) in found.items():
        assert faults == [], name
        assert passes > 0, f"axe looked at nothing: {name}"
