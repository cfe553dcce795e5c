/** The launcher and "Ask about this" at a selection. Everything else is loaded on first intent. */
import css from "./embed.css?inline";
import type { LauncherWords } from "./core/words/spoken";
import { hiddenHere, type Hidden } from "./hidden";
import { drawMark } from "./mark";
import type { PageInput, UserToken } from "./owner/api";
import type { Widget } from "./panel";
import { isTyping, watchSelection, type Selected } from "./selected";

/** Where these modules stand below the proxy's origin: put in by the build. */
declare const PANEL: string;
declare const ASK: string;
declare const COMMANDS: string;
declare const NAMES: string;

type PanelModule = typeof import("./panel");

/** What each of the other modules does for the launcher. */
interface Part {
  run: (launcher: Launcher, given?: unknown) => unknown;
}

/** Further than any window reaches. */
const FAR_PX = 1e5;

export class Launcher {
  isOpen = false;
  /** Ends with the widget: every listener on the page hangs on it. */
  readonly life = new AbortController();
  readonly proxy: string;
  readonly data: DOMStringMap;
  /** Where the panel comes to stand. */
  readonly container: HTMLElement;
  /** Stands at a selection, with "Ask about this" in it. */
  readonly bar: HTMLElement;
  /** What the visitor wants nothing of on this site. */
  hidden: Hidden | null;
  /** Holds the button that opens the panel, and the one that hides it. */
  readonly corner: HTMLElement;
  readonly disc: HTMLElement;
  readonly hide: HTMLElement;
  widget: Promise<Widget> | undefined;
  /** What the page's author said of the page, in place of what is read from it. */
  declare page?: PageInput | null;
  /** Whom it vouches for. */
  declare user?: UserToken | null;
  /** What it says in another language than English. */
  declare words?: LauncherWords;
  readonly #ask: HTMLElement;
  readonly #selection: () => Selected | null;
  readonly #modules: Record<string, Promise<unknown>> = {};
  #attempt = "";

  /** `data` is the script tag's dataset, as the page's author wrote it. */
  constructor(proxy: string, data: DOMStringMap) {
    this.proxy = proxy;
    this.data = data;
    this.hidden = hiddenHere(data.site);
    const { signal } = this.life;
    const root = createHost(signal);
    root.host.slot = proxy + data.site;
    this.corner = add(root, "div");
    this.disc = add(this.corner, "button", "disc");
    this.hide = add(this.corner, "button", "hide");
    this.bar = add(root, "div", "ask");
    this.#ask = add(this.bar, "button");
    this.container = add(root, "div");
    this.corner.part = "launcher";
    drawMark(this.disc);
    this.#ask.textContent = "Ask about this";
    this.hide.textContent = "×";
    this.hide.ariaLabel = "Hide this button on this site";
    this.#name("Ask about this page");
    this.dress({ brandColor: data.color, position: data.position });
    this.bar.hidden = true;
    this.settle();
    this.#selection = watchSelection(root.host, (selected) => this.#offer(selected), signal);
    this.#listen(signal);
    if (!/^en/.test(data.lang || document.documentElement.lang || navigator.language))
      void this.#have(NAMES);
  }

  /**
   * Opens or closes the panel, with the page's selection. `isQuiet`: nobody asked for it, so the focus
   * stays where it is. Gives the panel that was opened.
   */
  async show(isWanted: boolean, isQuiet?: boolean): Promise<Widget | undefined> {
    const selected = this.#selection();
    const wasOpen = this.isOpen;
    this.isOpen = isWanted;
    this.#offer(null);
    this.settle();
    if (!isWanted) {
      (await this.widget)?.setOpen(this.isOpen);
      if (wasOpen) this.disc.focus();
      return;
    }
    try {
      const widget = await (this.widget ??= this.#load<PanelModule>(PANEL).then((panel) =>
        panel.openWidget(this),
      ));
      if (selected) void widget.addSelection(selected);
      widget.setOpen(this.isOpen);
      if (this.isOpen && !isQuiet) widget.focus();
      return widget;
    } catch (error) {
      console.error("Asklight:", error);
      this.widget = undefined;
      this.isOpen = false;
      this.settle();
      this.#name(this.words?.failed ?? "The assistant did not load. Try again");
    }
  }

  /** `Asklight(command, …)`. */
  run(...call: unknown[]): void {
    void this.#have(COMMANDS, call);
  }

  /** Has another module do its part; what goes wrong is the console's to know. */
  #have(path: string, given?: unknown): Promise<unknown> {
    return this.#load<Part>(path)
      .then((part) => part.run(this, given))
      .catch((error: unknown) => console.error("Asklight:", error));
  }

  /** Shows the button where the visitor and the page's author want it. */
  settle(): void {
    this.corner.hidden = this.isOpen || this.hidden == "all" || this.data.launcher == "off";
  }

  #load<Module>(path: string): Promise<Module> {
    return (this.#modules[path] ??= import(
      /* @vite-ignore */ `${this.proxy}/${path}${this.#attempt}`
    ).catch((error: unknown) => {
      // A browser remembers by its address that a module failed: each attempt has its own.
      this.#attempt += "?";
      delete this.#modules[path];
      throw error;
    })) as Promise<Module>;
  }

  #listen(signal: AbortSignal): void {
    for (const button of [this.disc, this.#ask]) {
      button.onpointerenter = button.onfocus = () => void this.#load(PANEL).catch(() => {});
      // The page's selection and focus stay where they are while our buttons are pressed.
      button.onpointerdown = (event) => event.preventDefault();
      button.onclick = () => void this.show(true);
    }
    this.hide.onclick = () => this.run(this.hide);
    const keyed = (event: KeyboardEvent) => {
      if (event.code != "KeyA" || !event.altKey || !event.shiftKey || isTyping()) return;
      event.preventDefault();
      if (this.bar.hidden) void this.show(true);
      else this.#ask.focus();
    };
    // Alt+Shift+A goes to what is offered at the selection, or else opens the panel with it.
    addEventListener("keydown", keyed, { signal });
  }

  #name(label: string): void {
    this.disc.ariaLabel = this.disc.title = label;
  }

  /** Colour and corner, as far as they are given. */
  dress({
    brandColor,
    position,
  }: { [Name in "brandColor" | "position"]?: string | undefined }): void {
    this.corner.className = `corner ${position}`;
    if (brandColor) this.corner.style.setProperty("--marker", brandColor);
  }

  /** Puts "Ask about this" below a selection, or away. */
  #offer(selected: Selected | null): void {
    this.bar.hidden = true;
    if (this.hidden || this.data.ask == "off" || !selected) return;
    this.bar.hidden = false;
    this.#place(selected);
    // What else stands there comes with the first selection; without it, this alone does.
    void this.#have(ASK, selected).then(() => this.#place(selected));
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

function createHost(signal: AbortSignal): ShadowRoot {
  const host = document.createElement("asklight-widget");
  // Inline and important: no rule of the page comes before it.
  host.style.cssText =
    "all:initial!important;position:fixed!important;z-index:2147483647!important";
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  // Last of all, so that the page's own controls come first; a script in the head is early.
  const place = () => {
    document.documentElement.append(host);
    // In the browser's top layer: above all of the page, and out of what its root does to fixed boxes.
    host.popover = "manual";
    host.showPopover?.();
  };
  place();
  addEventListener("DOMContentLoaded", place, { signal });
  return root;
}

function add(parent: Node, name: "div" | "button", className = ""): HTMLElement {
  const element = document.createElement(name);
  element.className = className;
  return parent.appendChild(element);
}
