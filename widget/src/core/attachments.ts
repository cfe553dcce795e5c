/** The parts of the page that will go with the next question, and what the visitor made of them. */
import { pageContextOf, partsOf, type Part } from "./payload";
import type { PageContext, PageReading, Passage } from "./types";

const NOTHING: PageReading = { url: null, title: null, content: null, selections: [] };

export class Attachments {
  readonly #listeners = new Set<() => void>();
  #reading: PageReading = NOTHING;
  /** A selection may be added before the page has been read. */
  #isRead = false;
  #removed: ReadonlySet<string> = new Set();
  /** The selections have gone with a question: the next one selected replaces them. */
  #areSent = false;

  get notice(): string | null {
    return this.#reading.notice ?? null;
  }

  get headings(): readonly string[] {
    return this.#reading.headings ?? [];
  }

  get parts(): Part[] {
    return partsOf(this.#reading, this.#removed);
  }

  get context(): PageContext | null {
    return pageContextOf(this.parts);
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Shows a new reading. Selections stay while the page does, unless the reading brings its own. */
  show(reading: PageReading): void {
    const isSamePage = !this.#isRead || pageOf(reading.url) === pageOf(this.#reading.url);
    const keeps = isSamePage && reading.selections.length === 0;
    const selections = keeps ? this.#reading.selections : reading.selections;
    if (!keeps) this.#forgetSelections();
    this.#reading = { ...reading, selections };
    this.#isRead = true;
    this.#changed();
  }

  /** Adds a selection to those not sent yet; one that was there is included again. */
  add(passage: Passage): void {
    const kept = this.#areSent ? [] : this.#reading.selections;
    if (this.#areSent) this.#forgetSelections();
    const same = kept.findIndex(({ text }) => text === passage.text);
    const selections = same < 0 ? [...kept, passage] : kept;
    this.#reading = { ...this.#reading, selections };
    this.#removed = without(this.#removed, (id) => id === `selection-${same}`);
    this.#changed();
  }

  /** Leaves a part out, or takes it in again. */
  toggle(id: string): void {
    const removed = new Set(this.#removed);
    if (!removed.delete(id)) removed.add(id);
    this.#removed = removed;
    this.#changed();
  }

  markSent(): void {
    this.#areSent = true;
  }

  #forgetSelections(): void {
    this.#areSent = false;
    this.#removed = without(this.#removed, (id) => id.startsWith("selection-"));
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** The page an address is of. A fragment is a place in it, unless it is a route of its own. */
function pageOf(url: string | null): string | null {
  return url?.replace(/#(?![/!]).*/, "") ?? null;
}

function without(ids: ReadonlySet<string>, isGone: (id: string) => boolean): ReadonlySet<string> {
  return new Set([...ids].filter((id) => !isGone(id)));
}
