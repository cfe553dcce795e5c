"""What can stand in an answer."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import expect

from support.states.kinds import State, answer, opened
from support.told import ToldUpstream
from support.widget import Widget

RICH: Final = """\
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
    opened(widget)
    widget.ask("Why?")
    upstream.send({"type": "reasoning-delta", "id": "r", "delta": "It may be the *wind*."})
    upstream.send({"type": "source-document", "sourceId": "d", "mediaType": "x", "title": "A book"})
    upstream.say(RICH)
    call = {"toolCallId": "c", "toolName": "action_display-link"}
    upstream.send({"type": "tool-input-available", **call, "input": {}})
    output = {"buttonLabel": "Book", "href": "https://example.com/b", "buttonVariant": "primary"}
    upstream.send({"type": "tool-output-available", "toolCallId": "c", "output": output})


def rich_answer(widget: Widget, upstream: ToldUpstream) -> None:
    ask_for_rich(widget, upstream)
    upstream.finish()
    expect(widget.button("Good answer")).to_be_visible()
    expect(widget.panel.locator(".token.keyword").first).to_have_text("class")


def reasoning_open(widget: Widget, upstream: ToldUpstream) -> None:
    rich_answer(widget, upstream)
    widget.panel.get_by_text("Reasoning").click()
    expect(widget.panel.locator(".reasoning em")).to_have_text("wind")


def new_text(widget: Widget, upstream: ToldUpstream) -> None:
    ask_for_rich(widget, upstream)
    expect(widget.panel.locator(".link-button")).to_be_visible()
    widget.panel.get_by_role("log").evaluate("log => log.scrollTo(0, 0)")
    upstream.say("\n\nMore.")
    expect(widget.button("New text below")).to_be_visible()


def undrawn_answer(widget: Widget, upstream: ToldUpstream) -> None:
    widget.page.route("**/answer-drawing-*.js", lambda route: route.abort())
    opened(widget)
    answer(widget, upstream, RICH)


def passage_shown(widget: Widget, upstream: ToldUpstream) -> None:
    opened(widget)
    passage = f"{widget.page.url}#:~:text=Electric%20light,on%20the%20stairs"
    answer(widget, upstream, f'Light needed nobody any more [1].\n\n[1]: {passage} "This page"\n')
    widget.panel.locator(".citation").click()
    widget.page.wait_for_function("CSS.highlights.size > 0")


RICH_ANSWERS: Final[list[State]] = [
    rich_answer,
    reasoning_open,
    new_text,
    undrawn_answer,
    passage_shown,
]
