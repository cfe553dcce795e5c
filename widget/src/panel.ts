/** The module behind both of the proxy's panels: over a page somebody else made, and on its own. */
import { watchNavigation } from "./context/navigation";
import { readPageGently } from "./context/page";
import { pause } from "./context/steps";
import type { Chat } from "./core/chat";
import { lookFrom } from "./core/shapes";
import type { Look, PageReading, PageSource } from "./core/types";
import { languageFor } from "./core/words";
import { keepHidden, type Hidden } from "./hidden";
import type { PageInput, UserToken } from "./owner/api";
import type { Dock } from "./owner/docked";
import { PagePassages } from "./passages";
import type { Selected } from "./selected";
import { mountPanel, type PanelHandle, type PanelOptions } from "./ui/mount";
import { markOf } from "./ui/palette";
import { wantedLanguages } from "./wanted";
import { Whose, type Parts } from "./whose";

/** What the launcher hands over: `data` is its script tag's dataset, as the page's author wrote it. */
export interface WidgetOptions {
  container: HTMLElement | ShadowRoot;
  /** Absent: it floats. */
  layout?: "fill";
  /** The proxy's origin: where the script came from. */
  proxy: string;
  data: DOMStringMap;
  /** Closes the panel. */
  show: (isWanted: false) => Promise<unknown>;
  dress: (look: Look) => void;
  /** What the visitor switched off on this site. */
  hidden: Hidden | null;
  /** What the page's author said of the page, in place of what is read from it. */
  page?: PageInput | null;
  /** Whom the page vouches for. */
  user?: UserToken | null;
  /** What of the page had the focus before what stands at a selection took it. */
  cameFrom?: HTMLElement | null;
  /** Ends with the widget. */
  life: AbortController;
}

export interface Widget {
  /** Calls `listener` with the chat, and with each that takes its place for another person. */
  watch(listener: (chat: Chat) => void): void;
  /** Whom the page vouches for now; null: nobody. */
  identify(user: UserToken | null): Promise<unknown>;
  setOpen(isOpen: boolean): void;
  focus(): void;
  /** Adds a selection of the page's. */
  addSelection(selected: Selected): void;
  draft(question: string): void;
  /** Asks at once. What goes along is waited for. */
  ask(question: string): Promise<void>;
  /** Reads the page again. */
  refresh(): Promise<void>;
  /** Looks as the data attributes now say. */
  restyle(): void;
  destroy(): void;
}

const NOTHING: PageReading = { url: null, title: null, content: null, selections: [] };

/** The panel over a page, for the launcher; or in a place of the page's, which is always open. */
export async function openWidget(launcher: WidgetOptions): Promise<Widget> {
  const { container, proxy, data } = launcher;
  const site = data.site ?? "demo";
  const { content } = data;
  const language = await languageFor(wantedLanguages(data.lang));
  const passages = new PagePassages();
  const isAside = data.mode === "side";
  // Where it cannot be loaded the panel floats, as it does without.
  const docked = isAside ? await import("./owner/docked").catch(() => null) : null;
  let dock: Dock | undefined;
  let isOpen = false;
  /** What of the page had the focus when the panel was opened. */
  let before: HTMLElement | null = null;
  const watching: ((chat: Chat) => void)[] = [];
  const options: Omit<PanelOptions, keyof Parts> = {
    page: {
      read: async () => ({
        ...(await readPageGently(document, content ? { content } : {})),
        ...launcher.page,
      }),
    },
    layout: launcher.layout ?? "floating",
    overrides: () => lookOf(data),
    offer: {
      isOff: () => !!launcher.hidden && data.ask !== "off",
      turnOn: () => {
        keepHidden(data.site, (launcher.hidden = ""));
      },
    },
    onPassages: (attached) => passages.show(attached),
    language,
    isOnPage: true,
    ...(!launcher.layout && { onClose: () => void launcher.show(false) }),
    onLook: (look) => {
      passages.paint(markOf(look));
      launcher.dress(look);
      dock?.place();
    },
  };
  const turn = (panel: PanelHandle) => {
    panel.setOpen(isOpen);
    passages.turn(isOpen);
    dock?.turn(isOpen);
  };
  const asks = { proxy, site, transport: "auto", nameSite: location.origin === proxy } as const;
  const whose = new Whose(asks, (parts) => {
    dock?.turn(false);
    const panel = mountPanel(container, { ...options, ...parts });
    const root = container.firstElementChild?.shadowRoot;
    if (root) dock = docked?.dock(root, data.container);
    turn(panel);
    for (const listener of watching) listener(panel.chat);
    return panel;
  });
  await whose.become(launcher.user ?? null);
  // To the first field that gets the focus a browser's autofill looks for all others, which takes a while on a long page.
  const drawn = pause();
  // Closed, the panel forgets nothing: it reads the page that is there when it is opened.
  watchNavigation(() => isOpen && whose.panel.leavePage(), launcher.life.signal);
  return {
    watch: (listener) => {
      watching.push(listener);
      listener(whose.panel.chat);
    },
    identify: (user) => whose.become(user),
    setOpen: (isWanted) => {
      const here = focusedBeside(container);
      if (isWanted && !isOpen) before = here ?? launcher.cameFrom ?? null;
      launcher.cameFrom = null;
      isOpen = isWanted;
      turn(whose.panel);
      if (isOpen) void whose.panel.refresh();
      // The launcher takes the focus first: what of the page has it, or had it, is where the visitor goes on.
      else queueMicrotask(() => (here ?? before)?.focus({ preventScroll: true }));
    },
    focus: () => void drawn.then(() => isOpen && whose.panel.focus()),
    addSelection: (selected) => whose.panel.expectSelection(passages.add(selected)),
    draft: (question) => whose.panel.draft(question),
    ask: async (question) => (await whose.settled).ask(question),
    refresh: () => whose.panel.refresh(),
    restyle: () => whose.panel.restyle(),
    destroy: () => {
      isOpen = false;
      turn(whose.panel);
      whose.end();
    },
  };
}

/**
 * The panel as a whole page of the proxy. Where no page is read, it says so. `onPanel` is told of each panel there is, one
 * after the other.
 */
export async function openChat(
  container: HTMLElement,
  page: PageSource = { read: async () => NOTHING },
  more: Partial<PanelOptions> = {},
  onPanel: (panel: PanelHandle) => void = () => {},
): Promise<Whose> {
  const site = container.dataset.site ?? "demo";
  const language = await languageFor(navigator.languages);
  const asks = { proxy: location.origin, site, transport: "auto", nameSite: true } as const;
  const whose = new Whose(asks, (parts) => {
    const panel = mountPanel(container, {
      page,
      layout: "fill",
      language,
      ...more,
      ...parts,
    });
    onPanel(panel);
    return panel;
  });
  await whose.become(null);
  return whose;
}

/** What has the focus on the page; null where something of ours has it, or the name of something hides what does. */
function focusedBeside(container: Node): HTMLElement | null {
  const focused: unknown = document.activeElement;
  const isOfPage = focused instanceof HTMLElement && !focused.shadowRoot?.contains(container);
  return isOfPage ? focused : null;
}

/** What the page's author wrote goes before what the proxy says. */
function lookOf(data: DOMStringMap): Look {
  return lookFrom({
    displayName: data.title,
    welcomeMessage: data.welcome,
    inputPlaceholder: data.placeholder,
    brandColor: data.color,
    brandColorDark: data.colorDark ?? data.color,
    position: data.position,
    theme: data.theme,
    privacyUrl: data.privacy,
    retentionNotice: data.retention,
  });
}
