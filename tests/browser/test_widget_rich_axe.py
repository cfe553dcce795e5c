"""axe-core on what stands in answers, in both schemes, at two widths and in forced colours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from support.servers import HostPages, RunningProxy
from support.told import ToldUpstream
from support.widget import Widget

RICH = """\
# The lamp

The **wind** took it [The log][1] and [2], $x_1 = 2$, `dark`, ![a picture](https://example.com/a.png).

1. one
   - nested

| when | what |
|---|--:|
| 1961 | dark |

> "Nobody was there."

```python
class Lamp:  # a comment
    def burn(self, hours: int = 8) -> str:
        return f"{hours} hours" if hours else None
```

```diff
- dark
+ light
```

$$
x_1 + y_1
$$

[1]: https://example.com/lamp "The log"
[2]: https://example.org/keepers
"""


def ask_for_rich(widget: Widget, upstream: ToldUpstream) -> None:
    """Asks, and sends all kinds of things, without an end."""
    widget.ask("Why?")
    upstream.send({"type": "reasoning-delta", "id": "r", "delta": "It may be the *wind*."})
    upstream.send({"type": "source-document", "sourceId": "d", "mediaType": "x", "title": "A book"})
    upstream.say(RICH)
    call = {"toolCallId": "c", "toolName": "action_display-link"}
    upstream.send({"type": "tool-input-available", **call, "input": {}})
    output = {"buttonLabel": "Book", "href": "https://example.com/b", "buttonVariant": "primary"}
    upstream.send({"type": "tool-output-available", "toolCallId": "c", "output": output})


def rich(widget: Widget, upstream: ToldUpstream) -> None:
    ask_for_rich(widget, upstream)
    upstream.finish()
    expect(widget.button("Good answer")).to_be_visible()
    expect(widget.panel.locator(".token.keyword").first).to_have_text("class")


def unfolded(widget: Widget, upstream: ToldUpstream) -> None:
    rich(widget, upstream)
    widget.panel.get_by_text("Reasoning").click()
    expect(widget.panel.locator(".reasoning em")).to_have_text("wind")


def news(widget: Widget, upstream: ToldUpstream) -> None:
    ask_for_rich(widget, upstream)
    expect(widget.panel.locator(".link-button")).to_be_visible()
    widget.panel.get_by_role("log").evaluate("log => log.scrollTo(0, 0)")
    upstream.say("\n\nMore.")
    expect(widget.button("New text below")).to_be_visible()


def plain(widget: Widget, upstream: ToldUpstream) -> None:
    widget.page.route("**/answer-drawing-*.js", lambda route: route.abort())
    upstream.say(RICH)
    upstream.finish()
    widget.ask("Why?")
    expect(widget.button("Good answer")).to_be_visible()


STATES: list[Callable[[Widget, ToldUpstream], None]] = [rich, unfolded, news, plain]
MODES: list[tuple[Literal["light", "dark"], int, Literal["active"] | None]] = [
    ("light", 1280, None),
    ("dark", 1280, None),
    ("light", 390, None),
    ("dark", 390, "active"),
]


@pytest.mark.parametrize(("scheme", "width", "forced"), MODES)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_axe_finds_nothing(
    browser: Browser,
    pages: HostPages,
    told_proxy: RunningProxy,
    upstream: ToldUpstream,
    axe_source: str,
    state: Callable[[Widget, ToldUpstream], None],
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
    widget.visit()
    widget.open()
    state(widget, upstream)
    faults, passes = widget.axe(axe_source)
    context.close()
    upstream.forget()
    assert faults == []
    assert passes > 10, "axe looked at nothing"
