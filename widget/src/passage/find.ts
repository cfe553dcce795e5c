/** Finds a quoted passage in a page: in its document, or in one of its open shadow trees. */
import type { Steps } from "../context/steps";
import type { Quote } from "./directive";
import { squeeze, SqueezedText } from "./squeezed";

/** A passage given by its edges is no longer than this, white space aside. */
const PASSAGE_LENGTH = 20_000;

/** The passage's first occurrence a reader can see; null where there is none. */
export function* findPassage(document: Document, quote: Quote): Steps<Range | null> {
  for (const root of yield* treesIn(document)) {
    const text = yield* SqueezedText.of(root);
    for (const fold of [exactly, anyCase]) {
      const range = firstVisible(text, occurrences(fold(text.text), quote, fold));
      if (range) return range;
    }
  }
  return null;
}

function exactly(text: string): string {
  return text;
}

/** Styles write capitals where the source has none; a text whose length that changes stays as it is. */
function anyCase(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text;
}

function* occurrences(
  text: string,
  quote: Quote,
  fold: (text: string) => string,
): Generator<[from: number, to: number]> {
  const part = (name: keyof Quote) => fold(squeeze(quote[name] ?? ""));
  const [start, end, prefix, suffix] = [part("start"), part("end"), part("prefix"), part("suffix")];
  if (start === "") return;
  for (let from = text.indexOf(start); from >= 0; from = text.indexOf(start, from + 1)) {
    const to = endOf(text, from + start.length, end);
    if (text.endsWith(prefix, from) && text.startsWith(suffix, to)) yield [from, to];
  }
}

/** Where a passage ends whose first words end at `from`. Without its last words, there. */
function endOf(text: string, from: number, end: string): number {
  const at = end === "" ? -1 : text.indexOf(end, from);
  return at < 0 || at - from > PASSAGE_LENGTH ? from : at + end.length;
}

function firstVisible(text: SqueezedText, found: Iterable<[number, number]>): Range | null {
  for (const [from, to] of found) {
    const range = text.range(from, to);
    if (range && canBeSeen(range)) return range;
  }
  return null;
}

/** What is folded away can be unfolded. */
function canBeSeen({ startContainer: { parentElement } }: Range): boolean {
  if (!parentElement) return true;
  return parentElement.closest("details:not([open])") !== null || isShown(parentElement);
}

function isShown(element: Element): boolean {
  return "checkVisibility" in element
    ? element.checkVisibility({ visibilityProperty: true })
    : true;
}

type Tree = Document | ShadowRoot;

/** A tree and the open shadow trees in it, each before those in it. */
function* treesIn(root: Tree): Steps<Tree[]> {
  const trees = [root];
  for (const element of root.querySelectorAll("*")) {
    if (element.shadowRoot && element.localName !== "asklight-widget")
      trees.push(...(yield* treesIn(element.shadowRoot)));
    yield;
  }
  return trees;
}
