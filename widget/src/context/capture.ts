/** What was in a selection when it came to rest: a page may draw itself anew before it is asked about. */
import type { Passage } from "../core/types";
import { quoteOf, type Quote } from "./quote";
import { passageAt, rangeOf } from "./selection";

export interface Captured {
  passage: Passage;
  range: Range;
  quote: Quote | null;
}

/** Null where there is nothing a person sees, or nothing that may leave the page. */
export function capture(selected: Range): Captured | null {
  const selection = selected.collapsed ? getSelection() : null;
  const range = selection ? rangeOf(selection) : selected;
  const passage = range && passageAt(range);
  return passage && { passage, range, quote: quoteOf(range) };
}
