/**
 * What leaves the page with a question, decided here and nowhere else: the panel shows these parts,
 * word for word, and sends exactly the ones that are included. What went is kept beside the context,
 * so that nothing but the contract's fields is ever sent; it is gone with the page, as the text is.
 */
import { endWithin, SEPARATOR, wellFormed } from "./cut";
import { PAGE_LIMITS } from "./limits";
import { maskSecrets, type Mask } from "./masking";
import type { PageContext, PageReading, Passage } from "./types";

export type PartName = "address" | "title" | "page" | "paragraph" | "selection";

export interface Part {
  /** Stable while the page stands: the name, and for selections their number. */
  id: string;
  name: PartName;
  /** Exactly the text to be sent. */
  text: string;
  masks: readonly Mask[];
  /** How many units were cut from the end to keep the limit, and the first of them. */
  cut: number;
  cutText: string;
  isIncluded: boolean;
}

/** What the visitor made of the parts. */
export interface Choice {
  /** The ids of the parts they took out. */
  removed: ReadonlySet<string>;
  /** With selections the page's text stays out unless they add it. */
  wantsPage: boolean;
  /** Whether a secret in a part is to go as it is. */
  isUndone: (partId: string, secret: string) => boolean;
}

export const NO_CHOICE: Choice = { removed: new Set(), wantsPage: false, isUndone: () => false };

/** A selection with the number it was given when it was added. */
export interface Attached {
  number: number;
  passage: Passage;
}

/** Secrets are looked for this far past the limit: what masks make shorter is filled up from there. */
const MARGIN = 10_000;

/** So much of what was cut is shown. */
const CUT_SHOWN = 400;

/** Every part a reading offers, in the order it is shown, each masked and cut to its limit. */
export function partsOf(
  reading: PageReading,
  attached: readonly Attached[],
  choice: Choice,
): Part[] {
  const selections = selectionParts(attached, choice);
  const kept = attached.filter((_, index) => selections[index]?.isIncluded);
  const hasSelection = kept.length > 0;
  const wantsPage = hasSelection ? choice.wantsPage : !choice.removed.has("page");
  const paragraph = hasSelection && !wantsPage ? paragraphsOf(kept) : "";
  const rest: [PartName, string | null, number, boolean][] = [
    ["paragraph", paragraph, PAGE_LIMITS.content, !choice.removed.has("paragraph")],
    ["page", reading.content, PAGE_LIMITS.content, wantsPage],
    ["title", reading.title, PAGE_LIMITS.title, !choice.removed.has("title")],
    ["address", reading.url, PAGE_LIMITS.url, !choice.removed.has("address")],
  ];
  const others = rest.map(([name, text, limit, isIncluded]) => ({
    ...fitted(name, text ?? "", limit, choice, name === "address"),
    name,
    isIncluded,
  }));
  return [...selections, ...others].filter((part) => part.text !== "" || part.cut > 0);
}

/** The included parts as the contract's `pageContext`, or null where none is. */
export function pageContextOf(parts: readonly Part[]): PageContext | null {
  const context: PageContext = {};
  const selections: string[] = [];
  const sent = parts.filter(({ isIncluded, text }) => isIncluded && text !== "");
  for (const { name, text } of sent) {
    if (name === "selection") selections.push(text);
    else if (name === "address") context.url = text;
    else if (name === "title") context.title = text;
    else context.content = text;
  }
  if (selections.length > 0) context.textSelection = selections.join(SEPARATOR);
  if (sent.length === 0) return null;
  receipts.set(context, sent);
  return context;
}

const receipts = new WeakMap<PageContext, readonly Part[]>();

/** The parts that went with a context, or null where only its fields are known, as after a reload. */
export function receiptOf(context: PageContext): readonly Part[] | null {
  return receipts.get(context) ?? null;
}

/** All selections together keep the one limit: what is over is cut from the later ones. */
function selectionParts(attached: readonly Attached[], choice: Choice): Part[] {
  let room: number = PAGE_LIMITS.textSelection;
  return attached.map(({ number, passage }) => {
    const id = `selection-${number}`;
    const isIncluded = !choice.removed.has(id);
    const piece = fitted(id, passage.text, Math.max(room, 0), choice);
    if (isIncluded) room -= piece.text.length + SEPARATOR.length;
    return { ...piece, cut: piece.cut + (passage.more ?? 0), name: "selection", isIncluded };
  });
}

/** Each paragraph once, though several selections may stand in it. */
function paragraphsOf(attached: readonly Attached[]): string {
  const paragraphs = attached.map(({ passage }) => passage.paragraph ?? "").filter(Boolean);
  return [...new Set(paragraphs)].join(SEPARATOR);
}

type Fitted = Pick<Part, "id" | "text" | "masks" | "cut" | "cutText">;

/** Masked first and cut then, so that no half of a secret is left at the end. */
function fitted(
  id: string,
  text: string,
  limit: number,
  choice: Choice,
  isAddress = false,
): Fitted {
  const near = wellFormed(text.slice(0, limit + MARGIN));
  const isUndone = (secret: string) => choice.isUndone(id, secret);
  const masked = maskSecrets(near, isUndone, isAddress);
  let end = endWithin(masked.text, limit);
  const split = masked.masks.find((mask) => mask.start < end && mask.end > end);
  if (split) end = split.start;
  return {
    id,
    text: masked.text.slice(0, end),
    masks: masked.masks.filter((mask) => mask.end <= end),
    cut: masked.text.length - end + Math.max(text.length - near.length, 0),
    cutText: masked.text.slice(end, end + CUT_SHOWN).trim(),
  };
}
