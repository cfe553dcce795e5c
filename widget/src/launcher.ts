/** The launcher and "Ask about this" at a selection. Everything else is loaded on first intent. */
import css from "./embed.css?inline";
import { isHiddenHere, keepHidden } from "./hidden";
import { drawMark } from "./mark";
import type { Widget } from "./panel";
import { watchSelection, type Selected } from "./selected";

/** Where the panel's module stands below the proxy's origin: put in by the build. */
declare const PANEL: string;

type PanelModule = typeof import("./panel");

/** How long the visitor can take hiding back. */
const UNDO_MS = 8_000;

/** Between "Ask about this" and the window's edges; and below, with the button's own height. */
const EDGE_PX = 8;
const BELOW_PX = 48;

export class Launcher {
  isOpen = false;
  readonly #proxy: string;
  readonly #data: DOMStringMap;
  readonly #corner: HTMLElement;
  readonly #disc: HTMLElement;
  readonly #hide: HTMLElement;
  readonly #ask: HTMLElement;
  readonly #container: HTMLElement;
  readonly #selection: () => Selected | null;
  #isHidden: boolean;
  #widget: Widget | undefined;
  #module: Promise<PanelModule> | undefined;
  #failures = 0;

  /** `data` is the script tag's dataset, as the page's author wrote it. */
  constructor(proxy: string, data: DOMStringMap) {
    this.#proxy = proxy;
    this.#data = data;
    this.#isHidden = isHiddenHere(data.site);
    const [host, root] = createHost();
    this.#corner = add(root, "div");
    this.#disc = add(this.#corner, "button", "disc");
    this.#hide = add(this.#corner, "button", "hide");
    this.#ask = add(root, "button", "ask");
    this.#container = add(root, "div");
    drawMark(this.#disc);
    this.#ask.textContent = "Ask about this";
    this.#name("Ask about this page");
    this.#dress(data.color, data.position);
    this.#draw();
    this.#corner.hidden = this.#isHidden;
    this.#selection = watchSelection(host, (selected) => this.#offer(selected));
    this.#listen();
  }

  /**
   * Opens or closes the panel, with the page's selection and perhaps a question to begin with.
   * `isQuiet`: nobody asked for it, so the focus stays where it is.
   */
  async show(isWanted: boolean, question?: string, isQuiet?: boolean): Promise<void> {
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
      const widget = await this.#open();
      if (selected) widget.addSelection(selected.text, selected.range);
      if (question) widget.draft(question);
      widget.setOpen(this.isOpen);
      if (this.isOpen && !isQuiet) widget.focus();
    } catch (error) {
      console.error("Asklight: the panel could not be loaded", error);
      this.isOpen = this.#corner.hidden = false;
      this.#name("The assistant could not be loaded. Try again");
    }
  }

  async #open(): Promise<Widget> {
    const { openWidget } = await this.#load();
    return (this.#widget ??= openWidget({
      container: this.#container,
      proxy: this.#proxy,
      data: this.#data,
      onClose: () => void this.show(false),
      onLook: ({ brandColor, position }) => this.#dress(brandColor, position),
    }));
  }

  #load(): Promise<PanelModule> {
    return (this.#module ??= this.#import().catch((error: unknown) => {
      this.#module = undefined;
      this.#failures++;
      throw error;
    }));
  }

  /** A browser remembers by its address that a module failed: each attempt has its own. */
  #import(): Promise<PanelModule> {
    const attempt = this.#failures ? `?${this.#failures}` : "";
    return import(/* @vite-ignore */ `${this.#proxy}/${PANEL}${attempt}`) as Promise<PanelModule>;
  }

  #listen(): void {
    for (const button of [this.#disc, this.#ask]) {
      button.onpointerenter = button.onfocus = () => void this.#load().catch(() => {});
      // The page's selection and focus stay where they are while our buttons are pressed.
      button.onpointerdown = (event) => event.preventDefault();
      button.onclick = () => void this.show(true);
    }
    this.#hide.onclick = () => {
      this.#isHidden = !this.#isHidden;
      keepHidden(this.#data.site, this.#isHidden);
      this.#draw();
      setTimeout(() => (this.#corner.hidden = this.isOpen || this.#isHidden), UNDO_MS);
    };
  }

  #name(label: string): void {
    this.#disc.ariaLabel = this.#disc.title = label;
  }

  #dress(color: string | undefined, position: string | undefined): void {
    this.#corner.className = position == "bottom-left" ? "corner left" : "corner";
    if (color) this.#corner.style.setProperty("--marker", color);
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
    const box = !this.#isHidden && selected?.range.getBoundingClientRect();
    this.#ask.hidden = !box;
    if (!box) return;
    const { style, offsetWidth } = this.#ask;
    const left = Math.min(box.right, innerWidth - EDGE_PX) - offsetWidth;
    const top = Math.min(box.bottom + EDGE_PX, innerHeight - BELOW_PX);
    style.left = `${Math.max(EDGE_PX, left)}px`;
    style.top = `${Math.max(EDGE_PX, top)}px`;
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
