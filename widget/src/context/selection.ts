/**
 * What a person selected, and the paragraph it stands in. Secrets are never read: no password,
 * card number or one-time code, however it was selected.
 */
import type { Passage } from "../core/types";
import { withoutInvisible } from "./clean";
import { visibleTextIn, visibleTextUpTo } from "./walker";

const BLOCK =
  "p,li,blockquote,pre,td,th,dd,dt,figcaption,h1,h2,h3,h4,h5,h6,summary,caption,address,div,section,article,main,body";

const SECRET =
  "[type=password],[autocomplete^=cc-],[autocomplete=one-time-code],[autocomplete$=password]";

const NOT_TEXT = "script,style,noscript,template";

/** A block larger than this is no paragraph: the selection then stands alone. */
const PARAGRAPH_LENGTH = 4_000;

/** A selection half as long as this says enough by itself. */
const LONG_LENGTH = 20_000;

/** The current selection of a document, also inside a text field, or null where there is none. */
export function readSelection(document: Document): Passage | null {
  const focused = deepActiveElement(document);
  if (focused?.matches("input,textarea")) return selectionInField(focused);
  const selection = document.getSelection();
  const range = selection && rangeOf(selection);
  return range ? passageAt(range) : null;
}

/** The range of a selection, also inside open shadow roots, where a page sees only their host. */
export function rangeOf(selection: Selection): Range | null {
  if (selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  const { startContainer, startOffset } = range;
  const host = startContainer.childNodes[startOffset] ?? startContainer;
  const shadowRoots = range.collapsed ? shadowRootsAt(host) : [];
  if (shadowRoots.length === 0 || !selection.getComposedRanges) return range;
  const [composed] = selection.getComposedRanges({ shadowRoots });
  if (!composed || composed.startContainer === startContainer) return range;
  const inside = new Range();
  inside.setStart(composed.startContainer, composed.startOffset);
  inside.setEnd(composed.endContainer, composed.endOffset);
  return inside;
}

/** A host's open root and those in it. */
function shadowRootsAt(node: Node): ShadowRoot[] {
  const root = (node as Partial<Element>).shadowRoot;
  if (!root) return [];
  return [root, ...[...root.querySelectorAll("*")].flatMap(shadowRootsAt)];
}

/** A passage of what a person sees in a range; null where that is nothing. */
export function passageAt(range: Range): Passage | null {
  const node = range.commonAncestorContainer;
  if (elementOf(node)?.closest("[data-asklight-ignore],asklight-widget")) return null;
  const { text: seen, isWhole } = visibleTextIn(range);
  const text = tidy(seen);
  if (!text) return null;
  const paragraph = paragraphsOf(range, text);
  const more = isWhole ? 0 : Math.max(0, range.toString().length - text.length);
  return { text, paragraph, ...(more > 0 && { more }) };
}

function tidy(text: string): string {
  return withoutInvisible(text).replace(/\r\n?/g, "\n").trim();
}

function selectionInField(field: Element): Passage | null {
  if (field.matches(SECRET)) return null;
  const { value, selectionStart, selectionEnd } = field as HTMLTextAreaElement;
  // Inputs of types without a selection, such as email, say null.
  if (selectionStart === null || selectionEnd === null) return null;
  const text = tidy(value.slice(selectionStart, selectionEnd));
  return text ? { text, paragraph: null } : null;
}

function deepActiveElement(document: Document): Element | null {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active;
}

function elementOf(node: Node | null | undefined): Element | null {
  if (!node) return null;
  return node.nodeType === Node.ELEMENT_NODE ? (node as Element) : node.parentElement;
}

/** The text from the first touched block to the last, or null where that says no more than the selection. */
function paragraphsOf(range: Range, text: string): string | null {
  const most = Math.max(PARAGRAPH_LENGTH, 2 * text.length);
  if (most > LONG_LENGTH) return null;
  let paragraph = "";
  for (const block of touchedBlocks(range)) {
    const blockText = visibleTextUpTo(block, most + 1);
    paragraph += paragraph && blockText ? `\n\n${blockText}` : blockText;
    if (paragraph.length > most) return null;
  }
  return squeezed(paragraph) === squeezed(text) ? null : paragraph || null;
}

function squeezed(text: string): string {
  return text.replace(/\s+/g, "");
}

/** The blocks that something is selected in, not those that its edges merely reach: a triple click ends at the next one. */
function touchedBlocks(range: Range): Element[] {
  const blocks = [
    ...new Set(textsIn(range).flatMap((text) => text.parentElement?.closest(BLOCK) ?? [])),
  ];
  const first = blocks[0];
  const last = blocks.at(-1);
  if (!first || !last) return [];
  if (first.contains(last)) return [first];
  if (last.contains(first)) return [last];
  return blocks.filter((block) => !block.querySelector(BLOCK));
}

function textsIn(range: Range): Text[] {
  const { commonAncestorContainer: root, startContainer, endContainer } = range;
  if (root.nodeType === Node.TEXT_NODE) return [root as Text];
  const texts: Text[] = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode as Text;
    if (!range.intersectsNode(text) || text.parentElement?.matches(NOT_TEXT)) continue;
    const end = text === endContainer ? range.endOffset : text.length;
    const start = text === startContainer ? range.startOffset : 0;
    if (/\S/.test(text.data.slice(start, end))) texts.push(text);
  }
  return texts;
}
