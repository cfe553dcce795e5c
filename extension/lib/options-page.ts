/** The options page's behaviour: check what was typed, ask for the host, save, try, say. */
import { checkAddress, DEFAULT_ADDRESS, hostPattern } from "./address";
import type * as Browser from "./browser";
import { tryConnection } from "./connection";
import { wordsFor, type Words } from "./connection-words";
import { ASK_COMMAND } from "./manifest";
import { DEFAULT_SITE, isSiteId, loadSettings, saveSettings, type Settings } from "./settings";

/** The part of the browser the page needs. */
export type OptionsBrowser = Pick<
  typeof Browser,
  "askToReach" | "extensionId" | "forgetHost" | "isFirefox" | "shortcutFor" | "storeIn"
>;

const SITE_TROUBLE = "A site's name has small letters, digits and hyphens only. For example demo.";

type Tone = "good" | "bad" | "busy";

function find<T extends HTMLElement>(document: Document, id: string, kind: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`Asklight: the options page has no #${id}.`);
  return element;
}

class OptionsPage {
  readonly #document: Document;
  readonly #browser: OptionsBrowser;
  readonly #fetch: typeof fetch;
  readonly #proxy: HTMLInputElement;
  readonly #site: HTMLInputElement;
  readonly #save: HTMLButtonElement;
  readonly #result: HTMLElement;
  /** The settings as last saved; null before the first time. */
  #saved: Promise<Settings | null>;

  constructor(document: Document, browser: OptionsBrowser, fetcher: typeof fetch) {
    this.#document = document;
    this.#browser = browser;
    this.#fetch = fetcher;
    this.#saved = loadSettings(browser.storeIn("local"));
    this.#proxy = find(document, "proxy", HTMLInputElement);
    this.#site = find(document, "site", HTMLInputElement);
    this.#save = find(document, "save", HTMLButtonElement);
    this.#result = find(document, "result", HTMLElement);
  }

  async start(): Promise<void> {
    find(this.#document, "entry", HTMLElement).textContent = this.#entry();
    find(this.#document, "settings", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#save.ariaDisabled !== "true") void this.#submit();
    });
    const [saved, keys] = await Promise.all([this.#saved, this.#browser.shortcutFor(ASK_COMMAND)]);
    this.#fill(this.#proxy, saved?.proxy ?? DEFAULT_ADDRESS);
    this.#fill(this.#site, saved?.site ?? DEFAULT_SITE);
    find(this.#document, "keys", HTMLElement).textContent = keys
      ? `Or press ${keys}.`
      : "You can also choose keys for it, in the browser's extension shortcuts.";
  }

  /**
   * Fills a field in. Whoever types faster than the browser looks up keeps what they typed; whoever is in the field
   * already, with nothing typed, finds its text selected, as Tab selects it: what they type next takes its place.
   */
  #fill(input: HTMLInputElement, value: string): void {
    if (input.value) return;
    input.value = value;
    if (this.#document.activeElement === input) input.select();
  }

  /** What the operator lists to let this extension in; Firefox makes up another id each time. */
  #entry(): string {
    return this.#browser.isFirefox() ? "firefox" : this.#browser.extensionId();
  }

  /** Nothing may be awaited before the host is asked for: that needs the user's own click. */
  async #submit(): Promise<void> {
    const settings = this.#typed();
    if (!settings) return;
    const pattern = this.#patternOf(settings);
    const asked = this.#browser.askToReach(pattern);
    this.#busy(true);
    try {
      this.#say(...(await this.#connect(settings, asked)));
    } finally {
      this.#busy(false);
    }
  }

  /** What was typed, or null after saying what is wrong with it. */
  #typed(): Settings | null {
    const address = checkAddress(this.#proxy.value);
    const site = this.#site.value.trim();
    this.#mark(this.#proxy, address.ok ? "" : address.reason);
    this.#mark(this.#site, isSiteId(site) ? "" : SITE_TROUBLE);
    if (address.ok && isSiteId(site)) return { proxy: address.origin, site };
    this.#result.replaceChildren();
    (address.ok ? this.#site : this.#proxy).focus();
    return null;
  }

  async #connect(settings: Settings, asked: Promise<boolean>): Promise<[Words, Tone]> {
    if (!(await asked)) {
      const said = `Asklight may not reach ${settings.proxy}.`;
      return [{ said, next: "Press the button again and choose Allow." }, "bad"];
    }
    await this.#keep(settings);
    this.#say({ said: `Trying ${settings.proxy} …`, next: "" }, "busy");
    const connection = await tryConnection(settings, this.#fetch);
    const tone = connection.state === "connected" ? "good" : "bad";
    return [wordsFor(connection, settings, this.#entry()), tone];
  }

  /** Saves, and gives up the host of the proxy used before. */
  async #keep(settings: Settings): Promise<void> {
    const before = await this.#saved;
    await saveSettings(this.#browser.storeIn("local"), settings);
    this.#saved = Promise.resolve(settings);
    this.#proxy.value = settings.proxy;
    this.#site.value = settings.site;
    const given = before && this.#patternOf(before);
    if (given === null || given === this.#patternOf(settings)) return;
    // A host that an administrator's policy grants cannot be given up; that is theirs to say.
    await this.#browser.forgetHost(given).catch(() => undefined);
  }

  #patternOf({ proxy }: Settings): string {
    return hostPattern(proxy, !this.#browser.isFirefox());
  }

  #busy(isBusy: boolean): void {
    // Not `disabled`, which would throw the focus away.
    this.#save.ariaDisabled = String(isBusy);
  }

  #mark(input: HTMLInputElement, trouble: string): void {
    input.ariaInvalid = trouble ? "true" : null;
    find(this.#document, `${input.id}-trouble`, HTMLElement).textContent = trouble;
  }

  #say({ said, next }: Words, tone: Tone): void {
    this.#result.replaceChildren(this.#line(said, `said ${tone}`), this.#line(next, tone));
  }

  #line(text: string, style: string): HTMLElement {
    const line = this.#document.createElement("p");
    const words = this.#document.createElement("span");
    words.textContent = text;
    line.className = style;
    line.append(words);
    return line;
  }
}

/** Brings the options page to life. */
export function startOptions(
  document: Document,
  browser: OptionsBrowser,
  fetcher: typeof fetch = fetch,
): Promise<void> {
  return new OptionsPage(document, browser, fetcher).start();
}
