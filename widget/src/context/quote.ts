/**
 * A passage as a quote with its surroundings, so that it is found again when the page has drawn
 * itself anew (the Web Annotation model's text quote selector). White space does not count: it is
 * what changes most between two drawings of one text.
 */
import type { Steps } from "./steps";

export interface Quote {
  exact: string;
  prefix: string;
  suffix: string;
}

/** So much of the surroundings is kept on either side. */
const AROUND = 40;

/** A longer passage is held by its range alone. */
const QUOTE_LENGTH = 20_000;

/** Text past this is not searched. */
const SEARCHED_LENGTH = 2_000_000;

/** More places than this are not compared. */
const PLACES = 1_000;

const NOT_TEXT = "script,style,noscript,template,textarea";

export function quoteOf(range: Range): Quote | null {
  const text = range.toString();
  if (text.length > QUOTE_LENGTH) return null;
  const exact = squeezed(text);
  if (!exact) return null;
  return {
    exact,
    prefix: gathered(range, "previousNode").slice(-AROUND),
    suffix: gathered(range, "nextNode").slice(0, AROUND),
  };
}

/** Whether a range still holds what was quoted from it. */
export function holds(range: Range, quote: Quote | null): boolean {
  if (range.collapsed || !range.startContainer.isConnected) return false;
  return quote === null || squeezed(range.toString()) === quote.exact;
}

/** The passage in what is there now, or null; of several places the one in the likest surroundings. */
export function* findQuote(root: Node, quote: Quote): Steps<Range | null> {
  const texts: Text[] = [];
  const starts: number[] = [];
  let all = "";
  const walker = textsIn(root);
  while (all.length < SEARCHED_LENGTH && walker.nextNode()) {
    const text = walker.currentNode as Text;
    starts.push(all.length);
    texts.push(text);
    all += squeezed(text.data);
    yield;
  }
  const start = bestPlace(all, quote);
  if (start === null) return null;
  const range = new Range();
  const end = start + quote.exact.length;
  const [first, firstAt] = placeOf(start, texts, starts);
  const [last, lastAt] = placeOf(end - 1, texts, starts);
  if (!first || !last) return null;
  range.setStart(first, firstAt);
  range.setEnd(last, lastAt + 1);
  return range;
}

function bestPlace(all: string, { exact, prefix, suffix }: Quote): number | null {
  let best: number | null = null;
  let bestLikeness = -1;
  let left = PLACES;
  for (let at = all.indexOf(exact); at >= 0 && left-- > 0; at = all.indexOf(exact, at + 1)) {
    const before = all.slice(Math.max(0, at - AROUND), at);
    const after = all.slice(at + exact.length, at + exact.length + AROUND);
    const likeness = sameAtEnd(before, prefix) + sameAtStart(after, suffix);
    if (likeness > bestLikeness) [best, bestLikeness] = [at, likeness];
  }
  return best;
}

function sameAtStart(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}

function sameAtEnd(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one.at(-1 - length) === other.at(-1 - length)) length++;
  return length;
}

/** The text node and the offset in it of a place in the squeezed whole. */
function placeOf(
  place: number,
  texts: readonly Text[],
  starts: readonly number[],
): [Text | undefined, number] {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= place) low = middle;
    else high = middle - 1;
  }
  const text = texts[low];
  let left = place - (starts[low] ?? 0);
  let offset = 0;
  for (const sign of text?.data ?? "") {
    if (!/\s/.test(sign)) left -= sign.length;
    if (left < 0) break;
    offset += sign.length;
  }
  return [text, offset];
}

/** Enough text before or after a range. */
function gathered(range: Range, direction: "previousNode" | "nextNode"): string {
  const isBefore = direction === "previousNode";
  const [node, offset] = isBefore
    ? [range.startContainer, range.startOffset]
    : [range.endContainer, range.endOffset];
  const walker = textsIn(range.commonAncestorContainer.getRootNode());
  let text = "";
  walker.currentNode = node;
  if (node.nodeType === Node.TEXT_NODE) {
    const { data } = node as Text;
    text = squeezed(isBefore ? data.slice(0, offset) : data.slice(offset));
  }
  while (text.length < AROUND && walker[direction]()) {
    const piece = squeezed((walker.currentNode as Text).data);
    text = isBefore ? piece + text : text + piece;
  }
  return text;
}

function textsIn(root: Node): TreeWalker {
  return document.createTreeWalker(root, NodeFilter.SHOW_TEXT, (node) =>
    node.parentElement?.closest(NOT_TEXT) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  );
}

function squeezed(text: string): string {
  return text.replace(/\s+/g, "");
}
