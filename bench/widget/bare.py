"""What a browser itself costs: a page that adds the same answer to itself, as plain blocks, and nothing else."""

from __future__ import annotations

from typing import Final

BARE: Final = """<!doctype html><html lang="en"><title>Bare</title><style>
#log { position: fixed; right: 20px; bottom: 90px; width: 380px; height: 480px; overflow: hidden auto; overflow-anchor: none }
pre { overflow-x: auto }
</style><div id="log"></div><button aria-label="Ask about this page">?</button><input aria-label="Your question"><script>
const log = document.getElementById("log");
let text = null, line = "", fresh = "";
const add = (parent, name) => parent.appendChild(document.createElement(name));

/** A line begins a block, a row, or goes on in the block that is there. */
function begin(line) {
  const last = log.lastElementChild;
  if (line.startsWith("|")) return add(add(add(last?.localName === "table" ? last : add(log, "table"), "tr"), "td"), "span");
  if (line.startsWith("```")) return add(log, "pre");
  return add(log, "p");
}
function draw() {
  for (const [piece] of fresh.matchAll(/\\n|[^\\n]+/g)) {
    const isInCode = text?.parentElement.localName === "pre";
    if (piece !== "\\n") {
      line += piece;
      if (text) text.appendData(piece);
      else if (line.length > 2) text = begin(line).appendChild(new Text(line));
    } else if (isInCode && line !== "```") {
      text.appendData("\\n");
      line = "";
    } else {
      text = null;
      line = "";
    }
  }
  fresh = "";
  log.scrollTop = log.scrollHeight;
}
document.querySelector("input").onkeydown = async ({ key }) => {
  if (key !== "Enter") return;
  const { body } = await fetch("/v2/conversations/bare/messages", { method: "POST" });
  let got = "";
  for await (const piece of body.pipeThrough(new TextDecoderStream())) {
    const events = (got + piece).split("\\n\\n");
    got = events.pop();
    for (const event of events) {
      const { delta } = event.includes("delta") ? JSON.parse(event.slice(6)) : {};
      if (delta && !fresh) requestAnimationFrame(draw);
      fresh += delta ?? "";
    }
  }
};
</script></html>"""
