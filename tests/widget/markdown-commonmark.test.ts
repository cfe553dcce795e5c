// @vitest-environment jsdom
/** CommonMark's own examples, as far as answers follow it. */
import spec from "commonmark-spec";
import { beforeEach, describe, expect, test } from "vitest";
import { checkedAddress } from "../../widget/src/ui/markdown/address";
import { rendered } from "./markdown-box";

/** Sections about what is left out on purpose: raw HTML is shown as text, images become links. */
const OTHER_SECTIONS = new Set(["HTML blocks", "Raw HTML", "Images"]);

const HTML = "raw HTML is shown as text";
const IMAGE = "an image is a link, or its label";
const BARE = "a bare address is a link, as in GFM";
const BRACKETS = "an address is written as the browser writes it, which leaves brackets alone";

/** Examples departed from on purpose, each with its reason. */
const DEPARTURES = new Map<number, string>([
  [12, "between \\[ and \\] stands maths"],
  [21, HTML],
  [25, "of the named character references those that people write are known"],
  [31, HTML],
  [201, HTML],
  [308, HTML],
  [309, HTML],
  [344, HTML],
  [475, HTML],
  [476, HTML],
  [477, HTML],
  [491, HTML],
  [494, HTML],
  [517, IMAGE],
  [520, IMAGE],
  [524, HTML],
  [526, BRACKETS],
  [531, IMAGE],
  [536, HTML],
  [538, BRACKETS],
  [602, BARE],
  [603, BRACKETS],
  [608, BARE],
  [611, BARE],
  [612, BARE],
  [642, HTML],
  [643, HTML],
]);

beforeEach(() => document.body.replaceChildren());

const EXAMPLES = spec.tests
  .map(({ markdown, html, ...rest }) => ({
    ...rest,
    markdown: markdown.replaceAll("→", "\t"),
    html: html.replaceAll("→", "\t"),
  }))
  .filter(({ section }) => !OTHER_SECTIONS.has(section));

/** A document's text and structure, with what answers always write differently made the same. */
function shapeOf(root: Element): string {
  const copy = root.cloneNode(true) as Element;
  copy.querySelectorAll(".code-bar, .place, .host").forEach((element) => element.remove());
  copy.querySelectorAll(".code, span").forEach((box) => box.replaceWith(...box.childNodes));
  // A link without an address to follow is its label.
  copy.querySelectorAll("a:not([data-address])").forEach((link) => {
    if (!checkedAddress(link.getAttribute("href") ?? "")) link.replaceWith(...link.childNodes);
  });
  return [...copy.childNodes].map(nodeShape).join("").replace(/\n+/g, "\n").trim();
}

function nodeShape(node: Node): string {
  if (node instanceof Text) return textShape(node);
  if (!(node instanceof Element)) return "";
  const inside = childrenOf(node).map(nodeShape).join("");
  return `<${nameOf(node)}${detailOf(node)}${inside}>`;
}

/** White space collapses as it does where it is shown; in code it counts. */
function textShape({ data, parentElement }: Text): string {
  const text = parentElement?.closest("pre") ? data : data.replace(/\s+/g, " ").trim();
  return text === "" ? "" : ` ${JSON.stringify(text)}`;
}

/** Neighbouring texts count as one, and white space between blocks not at all. */
function childrenOf(element: Element): Node[] {
  element.normalize();
  return [...element.childNodes];
}

/** Headings stand three levels lower in an answer, down to the sixth. */
function nameOf(element: Element): string {
  const level = /^h([1-6])$/.exec(element.localName)?.[1];
  if (!level) return element.localName;
  return !element.closest("[data-expected]") ? `h${level}` : `h${Math.min(6, Number(level) + 3)}`;
}

function detailOf(element: Element): string {
  if (element instanceof HTMLOListElement) return `[${element.start}]`;
  if (element.localName !== "a") return "";
  const address = element.getAttribute("data-address") ?? element.getAttribute("href") ?? "";
  return `[${checkedAddress(address)?.href}]`;
}

function expected(html: string): Element {
  const root = document.createElement("div");
  root.dataset.expected = "";
  root.innerHTML = html;
  // The line end before a closing fence is no line of its own.
  for (const code of root.querySelectorAll("pre code"))
    code.textContent = code.textContent.replace(/\n$/, "");
  return root;
}

describe("CommonMark's examples", () => {
  test.each(EXAMPLES)("$number, $section", ({ number, markdown, html }) => {
    const [ours, theirs] = [shapeOf(rendered(markdown)), shapeOf(expected(html))];
    if (DEPARTURES.has(number)) expect(ours).not.toBe(theirs);
    else expect(ours).toBe(theirs);
  });

  test("are most of them", () => {
    expect(EXAMPLES.length).toBeGreaterThan(550);
    expect(DEPARTURES.size).toBeLessThan(30);
  });
});
