"""The pages the widget is a guest on: one like many, and some of five to six megabytes."""

from __future__ import annotations

from typing import Final

TAG: Final = '<script src="{source}/embed.js" data-site="bench" async></script>'

EMPTY: Final = '<script src="{source}/empty.js" async></script>'
"""What any script of another origin costs, in Lighthouse's simulation above all: as long as ours, and a comment."""

_SENTENCE: Final = "The lamp at the end of the pier was lit every evening. "

_OWN_WORK: Final = """<script>
  // What a page does itself once it is there.
  addEventListener("load", () => setTimeout(() => {
    let sum = 0;
    for (let n = 0; n < 2e6; n++) sum += Math.sqrt(n);
    document.title = sum > 0 ? "The lamp" : "";
  }, 200));
</script>"""


def article(tag: str = "") -> str:
    """A page with a picture, text and some work of its own; `tag` stands where the README says."""
    paragraphs = "".join(
        f"<h2>Evening {n}</h2><p>{_SENTENCE * 8}</p><p>{_SENTENCE * 5}</p>" for n in range(30)
    )
    picture = "<svg viewBox='0 0 800 300' width=800 height=300><rect width=800 height=300 fill='#257'/></svg>"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>The lamp</title>'
        '<meta name="viewport" content="width=device-width">'
        "<style>body { font: 18px/1.6 serif; max-width: 800px; margin: auto }</style></head>"
        f"<body><main><h1>The lamp</h1>{picture}{paragraphs}</main>{_OWN_WORK}{tag}</body></html>"
    )


HUGE: Final = {
    "paragraphs": "main.innerHTML = rows(20_000, (n) => `<p>${n} ${sentence.repeat(5)}</p>`)",
    "sections with headings": "main.innerHTML = rows(17_000, (n) => `<h2>Evening ${n}</h2><p>${sentence.repeat(5)}</p>`)",
    "a table": "main.innerHTML = `<table>${rows(15_000, (n) => `<tr>${rows(8, (c) =>"
    " `<td><a href='#'>cell <b>${n}</b></a> ${c}</td>`)}</tr>`)}</table>`",
    "boxes in boxes": "main.innerHTML = rows(5_000, (n) =>"
    " `${'<div><div><div><span>'.repeat(24)}${n}${'</span></div></div></div>'.repeat(24)}`)",
    "text nobody sees": "main.innerHTML = rows(20_000, (n) => `<p hidden>${n} ${sentence.repeat(5)}</p>`)",
    "shadow trees": "for (let n = 0; n < 10_000; n++) main.appendChild(document.createElement('div'))"
    ".attachShadow({ mode: 'open' }).innerHTML = `<p>${n} ${sentence.repeat(10)}</p>`",
    "one text": "main.innerHTML = `<pre>${sentence.repeat(100_000)}</pre>`",
}
"""Scripts that fill a page's `main`."""

FILL: Final = f"""(script) => {{
  const sentence = '{_SENTENCE}';
  const rows = (count, row) => Array.from({{ length: count }}, (_, n) => row(n)).join("");
  const main = document.querySelector("main");
  new Function("main", "rows", "sentence", script)(main, rows, sentence);
  return [...main.children].reduce((sum, box) => sum + (box.shadowRoot ?? box).innerHTML.length, 0);
}}"""
"""Runs one of them, and says how long the page's text and tags are."""
