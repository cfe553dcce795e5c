/**
 * What a person selected, and the paragraph it stands in. Secrets are never read: no password,
 * card number or one-time code, however it was selected.
 */
import type { Passage } from "../core/types";
import { withoutInvisible } from "./clean";
import { visibleText } from "./walker";

const BLOCK =
  "p,li,blockquote,pre,td,th,dd,dt,figcaption,h1,h2,h3,h4,h5,h6,summary,caption,address,div,section,article,main,body";

const SECRET =
  "[type=password],[autocomplete^=cc-],[autocomplete=one-time-code],[autocomplete$=password]";

/** A block larger than this is no paragraph: the selection then stands alone. */
const PARAGRAPH_LENGTH = 4_000;

/** The current selection of a document, also inside a text field, or null where there is none. */
export function readSelection(document: Document): Passage | null {
  const focused = deepActiveElement(document);
  if (focused?.matches("input,textarea")) return selectionInField(focused);
  const selection = document.getSelection();
  if (!selection || selection.rangeCount === 0) return null;
  return passageAt(String(selection), selection.getRangeAt(0));
}

/** A passage of a text selected over a range, which may since have left the page. */
export function passageAt(selected: string, range: Range | null): Passage | null {
  const text = tidy(selected);
  if (!text) return null;
  const node = range?.commonAncestorContainer;
  const ignored = elementOf(node)?.closest("[data-asklight-ignore],asklight-widget");
  if (ignored) return null;
  return { text, paragraph: range ? paragraphsOf(range, text) : null };
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
  const blocks = touchedBlocks(range);
  const paragraph = blocks.map(visibleText).filter(Boolean).join("\n\n");
  if (paragraph.length > Math.max(PARAGRAPH_LENGTH, 2 * text.length)) return null;
  return squeezed(paragraph) === squeezed(text) ? null : paragraph || null;
}

function squeezed(text: string): string {
  return text.replace(/\s+/g, "");
}

function touchedBlocks(range: Range): Element[] {
  const first = elementOf(range.startContainer)?.closest(BLOCK);
  const last = elementOf(range.endContainer)?.closest(BLOCK);
  if (!first || !last) return [];
  if (first === last || first.contains(last)) return [first];
  if (last.contains(first)) return [last];
  const within = elementOf(range.commonAncestorContainer) ?? first;
  return [...within.querySelectorAll(BLOCK)].filter(
    (block) => range.intersectsNode(block) && !block.querySelector(BLOCK),
  );
}
