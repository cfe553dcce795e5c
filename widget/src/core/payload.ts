/**
 * What leaves the page with a question, decided here and nowhere else: the panel shows these parts,
 * word for word, and sends exactly the ones that are included.
 */
import { PAGE_LIMITS } from "./limits";
import type { PageContext, PageReading, Passage } from "./types";

/** `content` is the page's text, or with selections the paragraphs around them. */
export type PartName = "address" | "title" | "content" | "selection";

export interface Part {
  /** Stable while the reading stands: the name, and for selections their place. */
  id: string;
  name: PartName;
  /** For `content`: whether it is the paragraphs around the selections or the page. */
  isParagraph: boolean;
  /** Exactly the text to be sent. */
  text: string;
  /** How many units were cut from the end to keep the limit. */
  cut: number;
  isIncluded: boolean;
}

/** The ids of the parts the visitor took out. */
export type Removed = ReadonlySet<string>;

const SEPARATOR = "\n\n";

/** Every part a reading offers, in the order it is shown, each cut to its limit. */
export function partsOf(reading: PageReading, removed: Removed): Part[] {
  const selections = selectionParts(reading.selections, removed);
  const kept = reading.selections.filter((_, index) => selections[index]?.isIncluded);
  const isParagraph = kept.length > 0;
  const content = isParagraph ? paragraphsOf(kept) : (reading.content ?? "");
  const rest: [PartName, string, number][] = [
    ["content", content, PAGE_LIMITS.content],
    ["title", reading.title ?? "", PAGE_LIMITS.title],
    ["address", reading.url ?? "", PAGE_LIMITS.url],
  ];
  const parts = rest.map(([name, text, limit]) => ({
    ...cutTo(text, limit),
    id: name,
    name,
    isParagraph: name === "content" && isParagraph,
    isIncluded: !removed.has(name),
  }));
  return [...selections, ...parts].filter((part) => part.text !== "");
}

/** The included parts as the contract's `pageContext`, or null where none is. */
export function pageContextOf(parts: readonly Part[]): PageContext | null {
  const context: PageContext = {};
  const selections: string[] = [];
  for (const { name, text, isIncluded } of parts) {
    if (!isIncluded) continue;
    if (name === "selection") selections.push(text);
    else if (name === "address") context.url = text;
    else context[name] = text;
  }
  if (selections.length > 0) context.textSelection = selections.join(SEPARATOR);
  return Object.keys(context).length > 0 ? context : null;
}

/** All selections together keep the one limit: what is over is cut from the later ones. */
function selectionParts(selections: readonly Passage[], removed: Removed): Part[] {
  let room: number = PAGE_LIMITS.textSelection;
  return selections.map(({ text }, index) => {
    const id = `selection-${index}`;
    const isIncluded = !removed.has(id);
    const piece = cutTo(text, Math.max(room, 0));
    if (isIncluded) room -= piece.text.length + SEPARATOR.length;
    return { ...piece, id, name: "selection", isParagraph: false, isIncluded };
  });
}

/** Each paragraph once, though several selections may stand in it. */
function paragraphsOf(passages: readonly Passage[]): string {
  const paragraphs = passages.map(({ paragraph }) => paragraph ?? "").filter(Boolean);
  return [...new Set(paragraphs)].join(SEPARATOR);
}

/** How far before the limit a blank line may be for the cut to fall there. */
const BLOCK_REACH = 2_000;

/** Cuts at the last block before the limit, else at the limit, never inside a character. */
function cutTo(text: string, limit: number): { text: string; cut: number } {
  const whole = wellFormed(text);
  if (whole.length <= limit) return { text: whole, cut: 0 };
  const block = whole.lastIndexOf(SEPARATOR, limit);
  let end = block > 0 && block >= limit - BLOCK_REACH ? block : limit;
  if (isHighSurrogate(whole.charCodeAt(end - 1))) end -= 1;
  return { text: whole.slice(0, end), cut: whole.length - end };
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** Half a character is not valid in JSON on every server: it becomes U+FFFD. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\uFFFD");
}
