"""The states the widget can be in, each with the way into it: what axe looks at and what pictures are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from playwright.sync_api import expect

from support.told import ToldUpstream
from support.widget import Widget

State = Callable[[Widget, ToldUpstream], None]

SHORT: Final = """\
The **wind** took it [The lamp][1].

- one
- two

| when | what |
|---|---|
| 1961 | `dark` |

> "Nobody was there."

[1]: https://example.com/lamp "The lamp"
"""


def closed(widget: Widget, upstream: ToldUpstream) -> None:
    widget.visit()


def offered(widget: Widget, upstream: ToldUpstream) -> None:
    widget.visit()
    widget.select("#second")
    widget.button("Explain").wait_for()


def empty(widget: Widget, upstream: ToldUpstream) -> None:
    widget.visit()
    widget.open()


def chip_open(widget: Widget, upstream: ToldUpstream) -> None:
    widget.visit()
    widget.select("#second")
    widget.button("Ask about this").click()
    widget.panel.locator(".chip-open").first.click()
    widget.chip("Title").get_by_role("button", name="Leave out: Title").click()


def masks_open(widget: Widget, upstream: ToldUpstream) -> None:
    widget.visit(body=f"<p>Pay with 4111 1111 1111 1111. {'x' * 99_990}</p><p>And more.</p>")
    widget.open()
    widget.chip("Page text").locator(".chip-open").click()
    widget.panel.get_by_text("The limit is reached here.").wait_for()
    widget.button("Send as it is: Card number").click()


def another_page(widget: Widget, upstream: ToldUpstream) -> None:
    empty(widget, upstream)
    widget.page.evaluate("history.pushState(null, '', '/other')")
    widget.button("Attach this page").wait_for()


def offers_off(widget: Widget, upstream: ToldUpstream) -> None:
    offered(widget, upstream)
    widget.button("Do not offer this on this site").click()
    widget.button("No longer offered on this site. Undo").wait_for()
    widget.page.evaluate("Asklight('open')")
    widget.button("Switch it on").wait_for()


def editing(widget: Widget, upstream: ToldUpstream) -> None:
    answered(widget, upstream)
    widget.panel.locator(".receipt summary").click()
    widget.panel.locator(".receipt .exact-text").first.wait_for()
    widget.button("Edit and ask again").click()


def streaming(widget: Widget, upstream: ToldUpstream) -> None:
    empty(widget, upstream)
    upstream.say("Because ")
    widget.ask("Why?")
    expect(widget.answers).to_have_text("Because")


def answered(widget: Widget, upstream: ToldUpstream) -> None:
    empty(widget, upstream)
    upstream.say(SHORT)
    upstream.finish()
    widget.ask("Why?")
    expect(widget.button("Good answer")).to_be_visible()
    widget.button("Good answer").focus()


def refused(widget: Widget, upstream: ToldUpstream) -> None:
    empty(widget, upstream)
    upstream.refuse(429, "RATE_LIMIT_EXCEEDED", retryAfter=20)
    widget.ask("Why?")
    expect(widget.panel.get_by_role("alert")).to_be_visible()


EVERYDAY: Final[list[State]] = [
    closed,
    offered,
    empty,
    chip_open,
    masks_open,
    another_page,
    offers_off,
    streaming,
    answered,
    editing,
    refused,
]

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
    widget.visit()
    widget.open()
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
    widget.visit()
    widget.open()
    upstream.say(RICH)
    upstream.finish()
    widget.ask("Why?")
    expect(widget.button("Good answer")).to_be_visible()


RICH_ANSWERS: Final[list[State]] = [rich_answer, reasoning_open, new_text, undrawn_answer]

ARABIC: Final = """\
<p id="second">يحتاج المصباح إلى حارس. كان الحارس يصعد الدرج كل مساء ويشعله بيده.</p>
<h2>لماذا انطفأ</h2>
<p>الضوء الكهربائي لا يحتاج إلى أحد، فأغلق آخر حارس الباب عام 1961.</p>
"""

ARABIC_ANSWER: Final = """\
# المصباح

أطفأت **الريح** المصباح عام 1961 [السجل][1]، والملف `lamp.py`:

1. أولًا
   - ثانيًا

| متى | ماذا |
|---|--:|
| 1961 | ظلام |

```python
lamp.burn(hours=8)
```

English stands on its own side.

[1]: https://example.com/lamp "السجل"
"""


def from_right(widget: Widget, lang: str = "ar") -> None:
    """A page that is read from right to left, and the panel in its language."""
    widget.visit(
        body=ARABIC,
        head=f"<script>document.documentElement.lang = '{lang}';"
        "document.documentElement.dir = 'rtl'</script>",
    )
    widget.page.locator("asklight-widget .disc").click()
    widget.panel.locator("textarea").wait_for()


def right_to_left(widget: Widget, upstream: ToldUpstream) -> None:
    from_right(widget)
    expect(widget.panel).to_have_attribute("dir", "rtl")


def right_to_left_chip_open(widget: Widget, upstream: ToldUpstream) -> None:
    from_right(widget)
    widget.panel.locator(".chip-open").first.click()
    expect(widget.panel.locator(".exact-text")).to_contain_text("الحارس")


def right_to_left_answered(widget: Widget, upstream: ToldUpstream) -> None:
    from_right(widget)
    upstream.say(ARABIC_ANSWER)
    upstream.finish()
    box = widget.panel.locator("textarea")
    box.fill("لماذا انطفأ؟")
    box.press("Enter")
    expect(widget.panel.locator(".answer .actions")).to_be_visible()
    expect(widget.panel.locator(".prose code").last).to_contain_text("burn")


def right_to_left_refused(widget: Widget, upstream: ToldUpstream) -> None:
    from_right(widget, "he")
    upstream.refuse(429, "RATE_LIMIT_EXCEEDED", retryAfter=20)
    box = widget.panel.locator("textarea")
    box.fill("למה?")
    box.press("Enter")
    expect(widget.panel.get_by_role("alert")).to_be_visible()


RIGHT_TO_LEFT: Final[list[State]] = [
    right_to_left,
    right_to_left_chip_open,
    right_to_left_answered,
    right_to_left_refused,
]
