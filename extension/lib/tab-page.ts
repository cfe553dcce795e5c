/** Reads the page in the tab in front, as far as the user invoked us on it. */
import type { PageReading, PageSource, Passage } from "@asklight/widget";
import type * as Browser from "./browser";
import type { Injected, Store, Tab } from "./browser";
import { pageFrom, passageFrom, type GatheredPage } from "./gathered";
import { invocationIn, hasLeft, recordInvocation, type Invocation } from "./invocations";
import { noticeFor, PDF_PAGE, PRESS_AGAIN } from "./notices";
import { chosenPassages } from "./passages";

/** The part of the browser reading needs. */
export type ReadingBrowser = Pick<typeof Browser, "activeTab" | "runInPage">;

/** A page nothing is known of, and why. */
export function unreadPage(notice?: string): PageReading {
  const nothing = { url: null, title: null, content: null, selections: [] };
  return notice === undefined ? nothing : { ...nothing, notice };
}

/** What the user had selected when they last invoked us on a tab. */
interface Gathered {
  /** The invocation it was gathered for. */
  at: number;
  /** The document it was selected in. */
  document: string;
  passages: Passage[];
}

/**
 * A reading brings the selections only when it shows another page than the one before: the panel
 * keeps those it has while the page stays, and knows which were sent or taken out. They are
 * gathered once for each invocation, so that what is sent is what was selected when the user
 * asked, not what a stray click has left since.
 */
export class TabPage implements PageSource {
  readonly #browser: ReadingBrowser;
  readonly #session: Store;
  readonly #gathered = new Map<number, Gathered>();
  /** The last thing begun here. Everything waits for the one before it. */
  #last: Promise<unknown> = Promise.resolve();
  /** The document and address the panel shows, or null while it shows none. */
  #shown: { document: string; url: string | null } | null = null;

  constructor(browser: ReadingBrowser, session: Store) {
    this.#browser = browser;
    this.#session = session;
  }

  /** The page in front, or why it cannot be read. */
  read(): Promise<PageReading> {
    return this.#inTurn(() => this.#readFront());
  }

  /**
   * What the user selected when they invoked us once more on the page that is shown; nothing
   * where it is another page, whose selections come with its reading. Rejects where the browser
   * does not let us in.
   */
  selectedAgain(): Promise<Passage[]> {
    return this.#inTurn(() => this.#gatherAgain());
  }

  /** The panel shows no page any more. */
  forget(): void {
    this.#shown = null;
  }

  /** One after the other: a slow page must not be shown over the one that is in front by then. */
  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const done = this.#last.then(action, action);
    this.#last = done;
    return done;
  }

  async #readFront(): Promise<PageReading> {
    const tab = await this.#browser.activeTab();
    const invocation = tab && (await this.#invocationOn(tab));
    if (!tab || !invocation) return this.#unread(PRESS_AGAIN);
    try {
      const [top] = await this.#browser.runInPage(tab.id, "/page.js", "top");
      const page = pageFrom(top?.result);
      if (!top || !page) return this.#unread(noticeFor(tab.url, ""));
      return readingOf(page, await this.#newSelections(tab, invocation, top, page.url));
    } catch (refusal) {
      return this.#unread(noticeFor(tab.url, String(refusal)));
    }
  }

  async #gatherAgain(): Promise<Passage[]> {
    const tab = await this.#browser.activeTab();
    const invocation = tab && (await this.#invocationOn(tab));
    if (!tab || !invocation || this.#gathered.get(tab.id)?.at === invocation.at) return [];
    const frames = await this.#browser.runInPage(tab.id, "/selection.js", "all");
    const top = frames.find(({ frameId }) => frameId === 0);
    const document = top ? documentOf(top, tab.url) : null;
    if (document === null || document !== this.#shown?.document) return [];
    return this.#keep(tab, invocation, document, frames);
  }

  #unread(notice: string): PageReading {
    this.forget();
    return unreadPage(notice);
  }

  async #invocationOn(tab: Tab): Promise<Invocation | null> {
    const invocation = await invocationIn(this.#session, tab.id);
    return invocation && !hasLeft(invocation, tab) ? invocation : null;
  }

  async #newSelections(
    tab: Tab,
    invocation: Invocation,
    top: Injected,
    url: string | null,
  ): Promise<Passage[]> {
    const document = documentOf(top, tab.url);
    const isShown = this.#shown?.document === document && this.#shown.url === url;
    this.#shown = { document, url };
    if (isShown) return [];
    const before = this.#gathered.get(tab.id);
    if (before?.at === invocation.at) return before.document === document ? before.passages : [];
    const frames = await this.#browser.runInPage(tab.id, "/selection.js", "all");
    return this.#keep(tab, invocation, document, frames);
  }

  /** Keeps what was selected for this invocation, and gives it. */
  async #keep(
    tab: Tab,
    invocation: Invocation,
    document: string,
    frames: readonly Injected[],
  ): Promise<Passage[]> {
    const found = frames
      .map(({ result }) => passageFrom(result))
      .filter((passage) => passage !== null);
    const passages = chosenPassages(found, invocation.selectionText);
    this.#gathered.set(tab.id, { at: invocation.at, document, passages });
    if (invocation.selectionText !== null) {
      // The menu's words belong to this document; another one must not get them.
      await recordInvocation(this.#session, { ...invocation, selectionText: null });
    }
    return passages;
  }
}

/** Names a document: another load or another address, in-page jumps aside, is another one. */
function documentOf({ documentId }: Injected, url: string | null): string {
  return `${documentId} ${url?.split("#", 1)[0] ?? ""}`;
}

function readingOf({ isPdf, ...page }: GatheredPage, selections: Passage[]): PageReading {
  const reading = { ...page, selections };
  return isPdf && selections.length === 0 ? { ...reading, notice: PDF_PAGE } : reading;
}
