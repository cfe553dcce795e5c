/** An answer as plain text, for places that know no markdown: blocks set apart by blank lines. */
import type { AnswerExtras } from "../../core/types";
import { codeIn } from "./code";
import { saysPlace } from "./links";
import type { MarkdownWords } from "./rendering";
import { listedSources } from "./sources";
import { MarkdownStream } from "./stream";

/** What a reader sees of an answer, its list of sources included, with their addresses. */
export function plainText(source: string, extras: AnswerExtras, words: MarkdownWords): string {
  const root = document.createElement("div");
  const stream = new MarkdownStream(root, words);
  stream.finish(source);
  const sources = listedSources(stream.links, extras.sources).map(({ label, address }, index) => {
    const place = address && !saysPlace(label, address) ? ` (${address.place})` : "";
    return `${index + 1}. ${label}${place}${address ? ` ${address.href}` : ""}`;
  });
  const list = sources.length > 0 ? [[words.sources, ...sources].join("\n")] : [];
  return [blocksOf(root), ...list].filter(Boolean).join("\n\n");
}

function blocksOf(parent: Element): string {
  const blocks: string[] = [];
  let line = "";
  const end = () => {
    if (line.trim()) blocks.push(line.trim());
    line = "";
  };
  for (const child of parent.childNodes) {
    const block = child instanceof Element ? blockOf(child) : null;
    if (block === null) line += inlineOf(child);
    else {
      end();
      if (block) blocks.push(block);
    }
  }
  end();
  return blocks.join(parent.localName === "li" ? "\n" : "\n\n");
}

/** The text of a block; null for what stands in a line. */
function blockOf(element: Element): string | null {
  switch (element.localName) {
    case "p":
    case "h4":
    case "h5":
    case "h6":
      return inlineOf(element).trim();
    case "ul":
    case "ol":
      return listOf(element);
    case "blockquote":
      return blocksOf(element);
    case "hr":
      return "";
    case "div":
      return codeIn(element)?.textContent ?? tableOf(element);
    default:
      return null;
  }
}

function inlineOf(node: Node): string {
  if (node instanceof Element && node.localName === "br") return "\n";
  if (node.childNodes.length === 0) return node.textContent ?? "";
  return [...node.childNodes].map(inlineOf).join("");
}

function listOf(list: Element): string {
  const first = list instanceof HTMLOListElement ? list.start : null;
  const items = [...list.children].map((item, index) => {
    const mark = first === null ? "• " : `${first + index}. `;
    return mark + blocksOf(item).replaceAll("\n", `\n${" ".repeat(mark.length)}`);
  });
  return items.join("\n");
}

function tableOf(box: Element): string {
  const rows = [...box.querySelectorAll("tr")];
  return rows.map((row) => [...row.children].map(inlineOf).join("\t")).join("\n");
}
