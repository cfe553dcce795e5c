"""The answer that is streamed: text, lists, code, quotes, citations, and a table of 60 rows in each third."""

from __future__ import annotations

from typing import Final

LENGTH: Final = 30_000
CHUNK: Final = 4
ROWS: Final = 60

_TEXT = """\
## Evening {n}

The keeper climbed the *stairs* every evening and lit the lamp **by hand**, as the log says [The log][1]. It burned \
until dawn with `oil = {n}` and a wick that was trimmed twice, see also [2] and https://example.com/lamp/{n}.

- First the glass is wiped with a soft cloth, from the top to the bottom.
- Then the wick is trimmed, which takes a steady hand:
  1. once at dusk,
  2. once at midnight.

> "Nobody was on the stairs that night," the log of year {n} says, and the sum $x_{n} = a_1 * b_1$ holds.

"""

_CODE = """\
```python
class Lamp{n}:
    \"\"\"Burns through the night {n}.\"\"\"

    def __init__(self, oil: float = {n}.5) -> None:
        self.oil = oil  # litres

    def burn(self, hours: int) -> float:
        for hour in range(hours):
            self.oil -= 0.25 * (hour % 2 or 1)
        return max(self.oil, 0.0)
```

"""

_SOURCES = (
    '[1]: https://example.com/log "The log"\n[2]: https://example.org/keepers "The keepers"\n'
)


def long_answer() -> str:
    """Thirds much like each other, so that what grows is the answer's length and nothing else."""
    room = (LENGTH - len(_SOURCES)) // 3
    text = "".join(_third(n, room) for n in (100, 400, 700))
    return text + "\n" * (LENGTH - len(text) - len(_SOURCES)) + _SOURCES


def _third(number: int, room: int) -> str:
    rows = "".join(
        f"| {1800 + n} | **Keeper {n}** | {n * 7 % 31} litres | see [1] |\n" for n in range(ROWS)
    )
    table = f"| year | keeper | oil | source |\n|---:|---|:-:|---|\n{rows}\n"
    text = ""
    while len(text) + len(table) + len(unit := (_TEXT + _CODE).format(n=number)) < room - 20:
        text += unit
        number += 1
    padding = "It burned on. " * ((room - len(text) - len(table) - 2) // len("It burned on. "))
    return f"{text}{padding.rstrip()}\n\n{table}"


def one_block(kind: str) -> str:
    """An answer that is a single block, of code, a table or a list, from its start to its end."""
    head, line = {
        "code": ("```python\n", "    lamp.burn(hours={n})  # litres, never below zero\n"),
        "table": ("| year | keeper |\n|---:|---|\n", "| {n} | **Keeper {n}** of the lamp [1] |\n"),
        "list": ("", "- In the year {n} the keeper *lit* the lamp `by hand`, see [1].\n"),
    }[kind]
    lines = [line.format(n=n) for n in range(1_000, 1_000 + LENGTH // len(line) + 1)]
    return head + "".join(lines)[: LENGTH - len(head)]
