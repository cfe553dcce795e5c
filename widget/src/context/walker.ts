/**
 * The visible text of a page, its blocks set apart by blank lines. Never part of it: form fields
 * and what was typed into them, hidden text, anything under `[data-asklight-ignore]`, and the
 * landmarks people navigate by. Open shadow roots are walked; closed ones and frames cannot be.
 */
import { sightOf } from "./visibility";
import { TextWriter } from "./writer";

/** Not text, or text someone typed. */
const SILENT =
  "script,style,noscript,template,head,svg,canvas,iframe,object,embed,audio,video,progress,meter," +
  "input,textarea,select,datalist,button,[role=button],[role=textbox],[role=searchbox]," +
  "[data-asklight-ignore],asklight-widget";

const NAVIGATION = "nav,[role=navigation],[role=search],[role=menu],[role=menubar],search";

/** A header or footer of the whole page; inside an article or section it belongs to the text. */
const PAGE_EDGE = "header,footer,[role=banner],[role=contentinfo]";
const SECTIONING = "article,section,main,[role=main],[role=article]";

/** With less than this in the marked main part, the page's author marked something else. */
const MAIN_LENGTH = 200;

/** The text of an element, or of a document's main part. */
export function visibleText(root: Element | Document): string {
  if (!("documentElement" in root)) return textOf(root);
  if (!root.body) return "";
  const main = mainPart(root);
  const text = main ? textOf(main) : "";
  if (text.length >= MAIN_LENGTH) return text;
  const whole = textOf(root.body);
  return whole.length > 2 * text.length ? whole : text;
}

function mainPart(document: Document): Element | null {
  const main = document.querySelector("main:not([hidden]),[role=main]");
  if (main) return main;
  const articles = document.querySelectorAll("article");
  return articles.length === 1 ? (articles[0] ?? null) : null;
}

function textOf(root: Element): string {
  const writer = new TextWriter();
  walkElement(root, writer, root);
  return writer.toString();
}

function isLeftOut(element: Element, root: Element): boolean {
  if (element.matches(SILENT)) return true;
  if (element === root) return false;
  if (element.matches(NAVIGATION)) return true;
  return element.matches(PAGE_EDGE) && !element.closest(SECTIONING);
}

function walkElement(element: Element, writer: TextWriter, root: Element): void {
  if (writer.isFull || isLeftOut(element, root)) return;
  if (element.localName === "br") return writer.gap("\n");
  const style = getComputedStyle(element);
  const sight = sightOf(style);
  if (sight === "none") return;
  const gap = gapAround(element, style.display);
  writer.gap(gap);
  for (const child of renderedChildren(element)) {
    if (child.nodeType === Node.ELEMENT_NODE) walkElement(child as Element, writer, root);
    else if (child.nodeType === Node.TEXT_NODE && sight === "all")
      writeText(child as Text, style, writer);
  }
  writer.gap(gap);
}

function writeText(text: Text, style: CSSStyleDeclaration, writer: TextWriter): void {
  if (style.whiteSpace.startsWith("pre") && style.whiteSpace !== "pre-line")
    writer.verbatim(text.data);
  else writer.flow(text.data);
}

function gapAround(element: Element, display: string): "" | " " | "\n" | "\n\n" {
  if (/^(li|tr|dt|dd|option|summary)$/.test(element.localName)) return "\n";
  if (/^(inline|contents|ruby|none)$/.test(display) || display === "") return "";
  if (display.startsWith("inline") || display === "table-cell") return " ";
  return "\n\n";
}

/** The children a browser draws: a shadow tree in place of its host's, what is slotted, and of a closed `details` its summary. */
function renderedChildren(element: Element): Iterable<Node> {
  if (element.shadowRoot) return element.shadowRoot.childNodes;
  if (element.localName === "slot") {
    const assigned = (element as HTMLSlotElement).assignedNodes({ flatten: true });
    return assigned.length > 0 ? assigned : element.childNodes;
  }
  if (element.localName === "details" && !(element as HTMLDetailsElement).open)
    return element.querySelectorAll(":scope > summary:first-of-type");
  return element.childNodes;
}
