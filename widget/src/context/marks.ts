/**
 * Shows passages on the page in the marker's colour while they are attached, by the browser's own
 * highlights: nothing of the page's document changes. A passage whose place was drawn anew is found
 * again by its quote. Browsers without highlights keep the passages and show nothing.
 */
import type { Passage } from "../core/types";
import type { Captured } from "./capture";
import { findQuote, holds, type Quote } from "./quote";
import { inSlices } from "./steps";

// What is held here is what was captured: the two come together.
export { capture } from "./capture";

interface Anchor {
  range: Range;
  quote: Quote | null;
  /** The document or shadow root it stands in. */
  root: Node;
}

const NAME = "asklight-selection";

/** The page is looked at again at most this often, and at most a small share of the time. */
const LEAST_PAUSE_MS = 250;
const PAUSE_SHARE = 20;

export interface MarkColors {
  marker: string;
  ink: string;
}

/** By which light the page is looked at. */
export interface Lights {
  light: MarkColors;
  dark: MarkColors;
}

export class Marks {
  readonly #anchors = new WeakMap<Passage, Anchor>();
  readonly #observer = new MutationObserver(() => this.#looks.request());
  readonly #looks = paced(() => this.#look());
  readonly #sheet = new CSSStyleSheet();
  readonly #dressed = new Set<DocumentOrShadowRoot>();
  #shown: readonly Passage[] = [];
  #isOn = false;

  /** Remembers where a passage stands. */
  anchor({ passage, range, quote }: Captured): void {
    const node = range.commonAncestorContainer;
    // What was drawn anew since then is no longer anywhere.
    const root = node.isConnected ? node.getRootNode() : document;
    this.#anchors.set(passage, { range, quote, root });
    this.#looks.request();
  }

  /** The passages that are attached now. */
  show(passages: readonly Passage[]): void {
    this.#shown = passages;
    this.#draw();
  }

  /** Whether they are to be seen: not while the panel is closed. */
  turn(isOn: boolean): void {
    this.#isOn = isOn;
    this.#draw();
  }

  paint({ light, dark }: Lights): void {
    const rule = ({ marker, ink }: MarkColors) =>
      `::highlight(${NAME}){background-color:${marker};color:${ink}}`;
    this.#sheet.replaceSync(
      `@media screen{${rule(light)}@media(prefers-color-scheme:dark){${rule(dark)}}` +
        `@media(forced-colors:active){${rule({ marker: "Mark", ink: "MarkText" })}}}`,
    );
  }

  #draw(): void {
    const anchors = this.#isOn ? this.#anchorsShown() : [];
    this.#observer.disconnect();
    this.#undress();
    if (!("highlights" in CSS)) return;
    if (anchors.length === 0) {
      CSS.highlights.delete(NAME);
      return;
    }
    for (const { root } of anchors) {
      this.#observer.observe(root, { subtree: true, childList: true, characterData: true });
      this.#dress(root);
    }
    CSS.highlights.set(NAME, new Highlight(...anchors.map(({ range }) => range)));
  }

  #anchorsShown(): Anchor[] {
    return this.#shown.flatMap((passage) => this.#anchors.get(passage) ?? []);
  }

  /** Finds again what is no longer where it was. */
  async #look(): Promise<void> {
    let isMoved = false;
    for (const anchor of this.#anchorsShown()) {
      const { range, quote, root } = anchor;
      if (!quote || holds(range, quote)) continue;
      const found = await inSlices(findQuote(root, quote));
      if (found) anchor.range = found;
      isMoved ||= found !== null;
    }
    if (isMoved) this.#draw();
  }

  #dress(root: Node): void {
    if (!(root instanceof Document || root instanceof ShadowRoot) || this.#dressed.has(root))
      return;
    this.#dressed.add(root);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, this.#sheet];
  }

  #undress(): void {
    for (const root of this.#dressed)
      root.adoptedStyleSheets = root.adoptedStyleSheets.filter((sheet) => sheet !== this.#sheet);
    this.#dressed.clear();
  }
}

/** Runs an action some time after it was asked for, longer after it was slow; never twice at once. */
function paced(action: () => Promise<void>): { request: () => void } {
  let isWaiting = false;
  let isAsked = false;
  let pause = LEAST_PAUSE_MS;
  const run = async () => {
    isAsked = false;
    const began = performance.now();
    await action();
    pause = Math.max(LEAST_PAUSE_MS, PAUSE_SHARE * (performance.now() - began));
    isWaiting = false;
    if (isAsked) request();
  };
  const request = () => {
    isAsked = true;
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(() => void run(), pause);
  };
  return { request };
}
