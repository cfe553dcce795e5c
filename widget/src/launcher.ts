/** The launcher and "Ask about this" at a selection. Everything else is loaded on first intent. */
import css from "./embed.css?inline";
import { hiddenHere, keepHidden } from "./hidden";
import { drawMark } from "./mark";
import type { Widget } from "./panel";
import { isTyping, watchSelection, type Selected } from "./selected";

/** Where these modules stand below the proxy's origin: put in by the build. */
declare const PANEL: string;
declare const ASK: string;

/** Shared with the modules that can change it. */
export interface Offers {
  areOff: boolean;
}

type PanelModule = typeof import("./panel");
type AskModule = typeof import("./ask");

/** How long the visitor can take hiding back. */
const UNDO_MS = 8_000;

/** Further than any window reaches. */
const FAR_PX = 1e5;

export class Launcher {
  isOpen = false;
  readonly proxy: string;
  readonly data: DOMStringMap;
  /** Where the panel comes to stand. */
  readonly container: HTMLElement;
  /** Stands at a selection, with "Ask about this" in it. */
  readonly bar: HTMLElement;
  /** Whether the visitor wants nothing at selections on this site. */
  readonly offers: Offers;
  readonly #corner: HTMLElement;
  readonly #disc: HTMLElement;
  readonly #hide: HTMLElement;
  readonly #ask: HTMLElement;
  readonly #selection: () => Selected | null;
  #isHidden: boolean;
  #widget: Widget | undefined;
  #module: Promise<PanelModule> | undefined;
  #failures = 0;

  /** `data` is the script tag's dataset, as the page's author wrote it. */
  constructor(proxy: string, data: DOMStringMap) {
    this.proxy = proxy;
    this.data = data;
    const hidden = hiddenHere(data.site);
    this.#isHidden = hidden == "all";
    this.offers = { areOff: !!hidden };
    const [host, root] = createHost();
    this.#corner = add(root, "div");
    this.#disc = add(this.#corner, "button", "disc");
    this.#hide = add(this.#corner, "button", "hide");
    this.bar = add(root, "div", "ask");
    this.#ask = add(this.bar, "button");
    this.container = add(root, "div");
    drawMark(this.#disc);
    this.#ask.textContent = "Ask about this";
    this.#name("Ask about this page");
    this.dress({ brandColor: data.color, position: data.position });
    this.#draw();
    this.#corner.hidden = this.#isHidden;
    this.#selection = watchSelection(host, (selected) => this.#offer(selected));
    this.#listen();
  }

  /**
   * Opens or closes the panel, with the page's selection and perhaps a question to begin with.
   * `isQuiet`: nobody asked for it, so the focus stays where it is. Gives the panel that was opened.
   */
  async show(isWanted: boolean, question?: string, isQuiet?: boolean): Promise<Widget | undefined> {
    const selected = this.#selection();
    const wasOpen = this.isOpen;
    this.isOpen = isWanted;
    this.#offer(null);
    this.#corner.hidden = isWanted || this.#isHidden;
    if (!isWanted) {
      this.#widget?.setOpen(false);
      if (wasOpen) this.#disc.focus();
      return;
    }
    try {
      const { openWidget } = await this.#load();
      const widget = (this.#widget ??= openWidget(this));
      if (selected) widget.addSelection(selected);
      widget.setOpen(this.isOpen);
      if (question) widget.draft(question);
      if (this.isOpen && !isQuiet) widget.focus();
      return widget;
    } catch (error) {
      console.error("Asklight: no panel", error);
      this.isOpen = this.#corner.hidden = false;
      this.#name("The assistant did not load. Try again");
    }
  }

  #load(): Promise<PanelModule> {
    return (this.#module ??= this.#import<PanelModule>(PANEL).catch((error: unknown) => {
      this.#module = undefined;
      this.#failures++;
      throw error;
    }));
  }

  /** A browser remembers by its address that a module failed: each attempt has its own. */
  #import<Module>(path: string): Promise<Module> {
    const attempt = this.#failures ? `?${this.#failures}` : "";
    return import(/* @vite-ignore */ `${this.proxy}/${path}${attempt}`) as Promise<Module>;
  }

  #listen(): void {
    for (const button of [this.#disc, this.#ask]) {
      button.onpointerenter = button.onfocus = () => void this.#load().catch(() => {});
      // The page's selection and focus stay where they are while our buttons are pressed.
      button.onpointerdown = (event) => event.preventDefault();
      button.onclick = () => void this.show(true);
    }
    addEventListener("keydown", this.#keyed);
    this.#hide.onclick = () => {
      this.#isHidden = !this.#isHidden;
      this.offers.areOff = false;
      keepHidden(this.data.site, this.#isHidden ? "all" : "");
      this.#draw();
      setTimeout(() => (this.#corner.hidden = this.isOpen || this.#isHidden), UNDO_MS);
    };
  }

  /** Alt+Shift+A goes to what is offered at the selection, or else opens the panel with it. */
  #keyed = (event: KeyboardEvent): void => {
    if (event.code != "KeyA" || !event.altKey || !event.shiftKey || isTyping()) return;
    event.preventDefault();
    if (this.bar.hidden) void this.show(true);
    else this.#ask.focus();
  };

  #name(label: string): void {
    this.#disc.ariaLabel = this.#disc.title = label;
  }

  /** Colour and corner, as far as they are given. */
  dress({
    brandColor,
    position,
  }: { [Name in "brandColor" | "position"]?: string | undefined }): void {
    this.#corner.className = `corner ${position}`;
    if (brandColor) this.#corner.style.setProperty("--marker", brandColor);
  }

  #draw(): void {
    const isHidden = this.#isHidden;
    this.#disc.hidden = isHidden;
    this.#hide.textContent = isHidden ? "Hidden on this site. Undo" : "×";
    this.#hide.ariaLabel = isHidden ? null : "Hide this button on this site";
    this.#offer(null);
  }

  /** Puts "Ask about this" below a selection, or away. */
  #offer(selected: Selected | null): void {
    this.bar.hidden = true;
    if (this.#isHidden || this.offers.areOff || this.data.ask == "off" || !selected) return;
    this.bar.hidden = false;
    this.#place(selected);
    // What else stands there comes with the first selection; without it, this alone does.
    this.#import<AskModule>(ASK).then(
      ({ offer }) => {
        offer(selected, this);
        this.#place(selected);
      },
      () => {},
    );
  }

  #place({ range, hasPlace }: Selected): void {
    const { style, offsetWidth } = this.bar;
    const { right, bottom } = hasPlace
      ? range.getBoundingClientRect()
      : { right: FAR_PX, bottom: FAR_PX };
    style.left = `max(8px,min(${right}px,100vw - 8px) - ${offsetWidth}px)`;
    style.top = `clamp(8px,${bottom + 8}px,100vh - 52px)`;
  }
}

function createHost(): [HTMLElement, ShadowRoot] {
  const host = document.createElement("asklight-widget");
  // Inline and important: no rule of the page comes before it.
  host.style.cssText = "all:initial!important;display:contents!important";
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  // Last of all, so that the page's own controls come first; a script in the head is early.
  const place = () => document.documentElement.append(host);
  place();
  addEventListener("DOMContentLoaded", place);
  return [host, root];
}

function add(parent: Node, name: "div" | "button", className = ""): HTMLElement {
  const element = document.createElement(name);
  element.className = className;
  return parent.appendChild(element);
}
