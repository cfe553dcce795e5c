/** The launcher and "Ask about this" at a selection. Everything else is loaded on first intent. */
import css from "./embed.css?inline";
import type { LauncherWords } from "./core/words/spoken";
import { hiddenHere, type Hidden } from "./hidden";
import { drawMark } from "./mark";
import type { PageInput, UserToken } from "./owner/api";
import type { Widget } from "./panel";
import { FAR, isTyping, watchSelection, type Selected } from "./selected";

/** Where these modules stand below the proxy's origin: put in by the build. */
declare const PANEL: string;
declare const ASK: string;
declare const COMMANDS: string;

/** The look is not waited for any longer. */
const LATE_MS = 1_000;

type PanelModule = typeof import("./panel");

/** What each of the other modules does for the launcher. */
interface Part {
  run: (launcher: Launcher, given?: unknown) => unknown;
}

export interface Launcher {
  isOpen: boolean;
  /** Ends with the widget: every listener on the page hangs on it. */
  readonly life: AbortController;
  readonly proxy: string;
  /** The script tag's dataset, as the page's author wrote it. */
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
  /** Comes with the look. */
  hide?: HTMLElement;
  widget?: Promise<Widget> | undefined;
  /** What the page's author said of the page, in place of what is read from it. */
  page?: PageInput | null;
  /** Whom it vouches for. */
  user?: UserToken | null;
  /** What of the page had the focus before the bar took it. */
  cameFrom?: HTMLElement | null;
  /** What it says in another language than English. */
  words?: LauncherWords;
  /**
   * Opens or closes the panel, with the page's selection. `isQuiet`: nobody asked for it, so the focus
   * stays where it is. Gives the panel that was opened.
   */
  show(isWanted: boolean, isQuiet?: boolean): Promise<Widget | undefined>;
  /** `Asklight(command, …)`. */
  run(...call: unknown[]): void;
  /** Shows the button where the visitor and the page's author want it, or where it has something to say. */
  settle(): void;
  /** Colour and corner, as far as they are given. */
  dress(look: { [Name in "brandColor" | "position"]?: string | undefined }): void;
}

export function createLauncher(proxy: string, data: DOMStringMap): Launcher {
  const life = new AbortController();
  const { signal } = life;
  const root = createHost(signal);
  const host = root.host as HTMLElement;
  const corner = add(root, "div");
  const disc = add(corner, "button", { className: "disc" });
  /** What is said in it is read out. */
  const said = add(corner, "output");
  /** Says that the panel did not load, and tries again. */
  const again = add(said, "button");
  const bar = add(root, "div", { className: "ask" });
  const ask = add(bar, "button", { textContent: "Ask about this" });
  const container = add(root, "div");
  const modules: Record<string, Promise<unknown>> = {};
  let attempt = "";

  const load = <Module>(path: string) =>
    (modules[path] ??= import(/* @vite-ignore */ `${proxy}/${path}${attempt}`).catch(
      (error: unknown) => {
        // A browser remembers by its address that a module failed: each attempt has its own.
        attempt += "?";
        delete modules[path];
        throw error;
      },
    )) as Promise<Module>;

  /** Has another module do its part; what goes wrong is the console's to know. */
  const have = (path: string, given?: unknown) =>
    load<Part>(path)
      .then((part) => part.run(launcher, given))
      .catch((error: unknown) => console.error("Asklight:", error));

  const place = ({ range, hasPlace }: Selected) => {
    const { style, offsetWidth } = bar;
    const { right = FAR, bottom = FAR }: Partial<DOMRect> = hasPlace
      ? range.getBoundingClientRect()
      : {};
    style.left = `max(8px,min(${right}px,100vw - 84px) - ${offsetWidth}px)`;
    style.top = `max(8px,min(${bottom}px,100vh - 60px) + 8px)`;
  };

  /** Puts "Ask about this" below a selection, or away. */
  const offer = (selected: Selected | null) => {
    bar.hidden = true;
    if (!selected || launcher.hidden || data.ask == "off") return;
    bar.hidden = false;
    place(selected);
    // What else stands there comes with the first selection; without it, this alone does.
    void have(ASK, selected).then(() => place(selected));
  };
  const selection = watchSelection(host, offer, signal);

  const launcher: Launcher = {
    isOpen: false,
    life,
    proxy,
    data,
    corner,
    disc,
    bar,
    container,
    hidden: hiddenHere(data.site),

    async show(isWanted, isQuiet) {
      const selected = selection();
      const wasOpen = launcher.isOpen;
      launcher.isOpen = isWanted;
      offer(null);
      if (!isWanted) {
        launcher.settle();
        (await launcher.widget)?.setOpen(launcher.isOpen);
        if (wasOpen) disc.focus();
        return;
      }
      // Until the panel is there, what was pressed says that it is coming.
      disc.ariaBusy = "true";
      try {
        const widget = await (launcher.widget ??= load<PanelModule>(PANEL).then((panel) =>
          panel.openWidget(launcher),
        ));
        again.textContent = "";
        if (selected) widget.addSelection(selected);
        widget.setOpen(launcher.isOpen);
        // Unless the visitor has gone on to select something else, which the focus would undo.
        if (launcher.isOpen && !isQuiet && (selection() ?? selected) == selected) widget.focus();
        return widget;
      } catch (error) {
        console.error("Asklight:", error);
        launcher.widget = undefined;
        launcher.isOpen = false;
        if (!isQuiet)
          again.textContent = launcher.words?.failed ?? "The assistant did not load. Try again";
      } finally {
        disc.ariaBusy = null;
        launcher.settle();
      }
    },

    run(...call) {
      void have(COMMANDS, call);
    },

    settle() {
      corner.hidden =
        !again.textContent &&
        (launcher.isOpen || launcher.hidden == "all" || data.launcher == "off");
    },

    dress({ brandColor, position }) {
      corner.className = `corner ${position}`;
      if (brandColor) host.style.setProperty("--marker", brandColor);
    },
  };

  host.slot = proxy + data.site;
  corner.part = "launcher";
  drawMark(disc);
  disc.ariaLabel = disc.title = "Ask about this page";
  offer(null);
  launcher.dress({ brandColor: data.color, position: data.position });
  for (const button of [disc, ask, again]) {
    button.onpointerenter = button.onfocus = () => void load(PANEL).catch(() => {});
    // The page's selection and focus stay where they are while our buttons are pressed.
    button.onpointerdown = (event) => event.preventDefault();
    button.onclick = () => void launcher.show(true);
  }
  const keyed = (event: KeyboardEvent) => {
    if (event.code != "KeyA" || !event.altKey || !event.shiftKey || isTyping()) return;
    // Another site's widget has taken it; or in an editor with nothing selected it is a letter.
    if (event.defaultPrevented || (bar.hidden && (event.target as HTMLElement).isContentEditable))
      return;
    event.preventDefault();
    if (bar.hidden) void launcher.show(true);
    else ask.focus();
  };
  // Alt+Shift+A goes to what is offered at the selection, or else opens the panel with it.
  addEventListener("keydown", keyed, { signal });
  const isEnglish = /^en/.test(data.lang || document.documentElement.lang || navigator.language);
  corner.hidden = true;
  // The site's own look, and the launcher's words: with them it is shown; and soon without them.
  void have(`${isEnglish ? "look" : "named"}.js?site=${data.site}`).then(launcher.settle);
  setTimeout(launcher.settle, LATE_MS);
  return launcher;
}

function createHost(signal: AbortSignal): ShadowRoot {
  const host = document.createElement("asklight-widget");
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

function add(
  parent: Node,
  name: "div" | "button" | "output",
  properties?: Partial<HTMLElement>,
): HTMLElement {
  return parent.appendChild(Object.assign(document.createElement(name), properties));
}
