/**
 * What the panel knows of a context beyond the contract's fields: which parts it was made of. Kept
 * beside it, so that nothing but those fields is ever sent; gone with the page, as the text is.
 */
import type { Part } from "./payload";
import type { PageContext } from "./types";

const receipts = new WeakMap<PageContext, readonly Part[]>();

export function keepReceipt(context: PageContext, parts: readonly Part[]): void {
  receipts.set(context, parts);
}

/** The parts that went, or null where only the fields are known, as after a reload. */
export function receiptOf(context: PageContext): readonly Part[] | null {
  return receipts.get(context) ?? null;
}
