"""A page read from right to left, and the panel in its language."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import expect

from support.states.kinds import State
from support.told import ToldUpstream
from support.widget import Widget

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


def visit_from_right(widget: Widget, lang: str = "ar") -> None:
    """A page that is read from right to left."""
    widget.visit(
        body=ARABIC,
        head=f"<script>document.documentElement.lang = '{lang}';"
        "document.documentElement.dir = 'rtl'</script>",
    )


def from_right(widget: Widget, lang: str = "ar") -> None:
    """A page that is read from right to left, and the panel in its language."""
    visit_from_right(widget, lang)
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


def right_to_left_offered(widget: Widget, upstream: ToldUpstream) -> None:
    visit_from_right(widget)
    widget.select("#second")
    expect(widget.page.locator("asklight-widget .ask button")).to_have_count(5)


def right_to_left_chats(widget: Widget, upstream: ToldUpstream) -> None:
    right_to_left_answered(widget, upstream)
    widget.panel.locator(".bar button").first.click()
    expect(widget.panel.locator(".chat-open")).to_have_count(1)
    widget.panel.locator(".delete").click()
    expect(widget.panel.get_by_role("alertdialog")).to_be_visible()


RIGHT_TO_LEFT: Final[list[State]] = [
    right_to_left,
    right_to_left_offered,
    right_to_left_chip_open,
    right_to_left_answered,
    right_to_left_refused,
    right_to_left_chats,
]
