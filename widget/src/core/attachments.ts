/** The parts of the page that will go with the next question, and what the visitor made of them. */
import { pageContextOf, partsOf, type Attached, type Part } from "./payload";
import type { KeyValueStore, PageContext, PageReading, Passage } from "./types";

const NOTHING: PageReading = { url: null, title: null, content: null, selections: [] };

/** What is kept for the next visit: never a selection, never a secret. */
const REMEMBERED = ["address", "title", "page"];

export class Attachments {
  readonly #listeners = new Set<() => void>();
  readonly #memory: KeyValueStore | null;
  #reading: PageReading = NOTHING;
  /** A selection may be added before the page has been read. */
  #isRead = false;
  /** The page changed under its reader: nothing of it is attached until they take the new one. */
  #isLeft = false;
  #attached: readonly Attached[] = [];
  #added = 0;
  #removed: ReadonlySet<string> = new Set();
  #wantsPage = false;
  /** The secrets to be sent as they are, each with the part it stands in. */
  #undone: ReadonlySet<string> = new Set();
  /** The selections have gone with a question: the next one selected replaces them. */
  #areSent = false;
  /** The site whose choice is in force, and the number of the reading it was asked for. */
  #site: string | null = null;
  #asked = 0;
  #parts: Part[] | null = null;

  /** `memory` keeps which parts were taken out on a site; nothing is kept before one is. */
  constructor(memory: KeyValueStore | null = null) {
    this.#memory = memory;
  }

  get notice(): string | null {
    return this.#reading.notice ?? null;
  }

  /** Until it is, nothing is said of what there is on the page. */
  get isRead(): boolean {
    return this.#isRead;
  }

  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** How many characters of the page its reader does not see, and so were left out. */
  get hidden(): number {
    return this.#reading.hidden ?? 0;
  }

  get headings(): readonly string[] {
    return this.#reading.headings ?? [];
  }

  get parts(): Part[] {
    return (this.#parts ??= partsOf(this.#reading, this.#attached, {
      removed: this.#removed,
      wantsPage: this.#wantsPage,
      isUndone: (partId, secret) => this.#undone.has(`${partId} ${secret}`),
    }));
  }

  get context(): PageContext | null {
    return pageContextOf(this.parts);
  }

  /** The selections that will go. */
  get passages(): Passage[] {
    return this.#attached
      .filter(({ number }) => !this.#removed.has(`selection-${number}`))
      .map(({ passage }) => passage);
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Shows a new reading, once it is known what its site's visitor leaves out. */
  show(reading: PageReading): void | Promise<void> {
    const asked = ++this.#asked;
    const site = siteOf(reading.url);
    if (!this.#memory || site === null || site === this.#site) return this.#show(reading);
    return this.#memory.get(keyOf(site)).then((kept) => {
      if (asked !== this.#asked) return;
      this.#site = site;
      const others = without(this.#removed, (id) => REMEMBERED.includes(id));
      this.#removed = new Set([...others, ...(kept ?? "").split(" ").filter(Boolean)]);
      this.#show(reading);
    });
  }

  /** Selections stay while the page does, unless the reading brings its own. */
  #show(reading: PageReading): void {
    const isSamePage = !this.#isRead || pageOf(reading.url) === pageOf(this.#reading.url);
    if (!isSamePage || reading.selections.length > 0) {
      this.#forgetSelections();
      this.#undone = new Set();
      for (const passage of reading.selections) this.#attach(passage);
    }
    this.#reading = reading;
    this.#isRead = true;
    this.#isLeft = false;
    this.#changed();
  }

  /** The page has become another one: nothing of the old one goes, and nothing of the new unasked. */
  leave(): void {
    this.#asked++;
    this.#forgetSelections();
    this.#undone = new Set();
    this.#reading = NOTHING;
    this.#isLeft = true;
    this.#changed();
  }

  /** Adds a selection to those not sent yet; one that was there is included again. */
  add(passage: Passage): void {
    if (this.#areSent) this.#forgetSelections();
    const same = this.#attached.find((other) => other.passage.text === passage.text);
    if (same) this.#removed = without(this.#removed, (id) => id === `selection-${same.number}`);
    else this.#attach(passage);
    this.#changed();
  }

  /** Leaves a part out, or takes it in again. */
  toggle(id: string): void {
    if (id === "page" && this.passages.length > 0) this.#wantsPage = !this.#wantsPage;
    else this.#remove(id);
    this.#changed();
  }

  /** Sends a secret as it is, or masks it again. */
  toggleMask(partId: string, secret: string): void {
    this.#undone = toggled(this.#undone, `${partId} ${secret}`);
    this.#changed();
  }

  markSent(): void {
    this.#areSent = true;
  }

  #attach(passage: Passage): void {
    this.#attached = [...this.#attached, { number: this.#added++, passage }];
  }

  #remove(id: string): void {
    this.#removed = toggled(this.#removed, id);
    if (!REMEMBERED.includes(id) || !this.#memory || this.#site === null) return;
    const kept = REMEMBERED.filter((name) => this.#removed.has(name)).join(" ");
    const key = keyOf(this.#site);
    void (kept ? this.#memory.set(key, kept) : this.#memory.remove(key));
  }

  #forgetSelections(): void {
    this.#areSent = false;
    this.#attached = [];
    this.#wantsPage = false;
    this.#removed = without(this.#removed, (id) => !REMEMBERED.includes(id));
  }

  #changed(): void {
    this.#parts = null;
    for (const listener of this.#listeners) listener();
  }
}

/** The page an address is of. A fragment is a place in it, unless it is a route of its own. */
export function pageOf(url: string | null): string | null {
  return url?.replace(/#(?![/!]).*/, "") ?? null;
}

function siteOf(url: string | null): string | null {
  return /^https?:\/\/[^/?#]+/.exec(url ?? "")?.[0] ?? null;
}

function keyOf(site: string): string {
  return `left-out:${site}`;
}

function toggled(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const changed = new Set(ids);
  if (!changed.delete(id)) changed.add(id);
  return changed;
}

function without(ids: ReadonlySet<string>, isGone: (id: string) => boolean): ReadonlySet<string> {
  return new Set([...ids].filter((id) => !isGone(id)));
}
