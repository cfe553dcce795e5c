/** The module behind both of the proxy's panels: over a page somebody else made, and on its own. */
import { watchNavigation } from "./context/navigation";
import { readPageGently } from "./context/page";
import { createClient } from "./core/client";
import { lookFrom } from "./core/shapes";
import { localStore, tabStore } from "./core/storage";
import type { Chat } from "./core/chat";
import type { KeyValueStore, Look, PageReading, PageSource } from "./core/types";
import { languageFor } from "./core/words";
import { keepHidden, type Hidden } from "./hidden";
import type { PageInput } from "./owner/api";
import type { Dock } from "./owner/docked";
import { PagePassages } from "./passages";
import type { Selected } from "./selected";
import { mountPanel, type PanelHandle, type PanelOptions } from "./ui/mount";
import { markOf } from "./ui/palette";
import { wantedLanguages } from "./wanted";

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
  /** Ends with the widget. */
  life: AbortController;
}

export interface Widget {
  readonly chat: Chat;
  setOpen(isOpen: boolean): void;
  focus(): void;
  /** Adds a selection of the page's. */
  addSelection(selected: Selected): Promise<void>;
  draft(question: string): void;
  /** Asks at once, when the selection has been added and the page read. */
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
  const panel = mountPanel(container, {
    client: createClient({ proxy, site, transport: "auto", nameSite: location.origin === proxy }),
    page: {
      read: async () => ({
        ...(await readPageGently(document, content ? { content } : {})),
        ...launcher.page,
      }),
    },
    ...keepingFor(site),
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
  });
  const root = container.firstElementChild?.shadowRoot;
  if (root) dock = docked?.dock(root, data.container);
  let isOpen = false;
  // Closed, the panel forgets nothing: it reads the page that is there when it is opened.
  watchNavigation(() => isOpen && panel.leavePage(), launcher.life.signal);
  return {
    ...panel,
    setOpen: (isWanted) => {
      isOpen = isWanted;
      panel.setOpen(isOpen);
      passages.turn(isOpen);
      dock?.turn(isOpen);
      if (isOpen) void panel.refresh();
    },
    addSelection: async (selected) => {
      const passage = await passages.add(selected);
      if (passage) panel.addSelection(passage);
    },
    ask: async (question) => {
      await passages.added;
      await panel.ask(question);
    },
    destroy: () => {
      passages.turn(false);
      dock?.turn(false);
      panel.destroy();
    },
  };
}

/** The panel as a whole page of the proxy. Where no page is read, it says so. */
export async function openChat(
  container: HTMLElement,
  page: PageSource = { read: async () => NOTHING },
  more: Partial<PanelOptions> = {},
): Promise<PanelHandle> {
  const site = container.dataset.site ?? "demo";
  const language = await languageFor(navigator.languages);
  return mountPanel(container, {
    client: createClient({ proxy: location.origin, site, transport: "auto", nameSite: true }),
    page,
    ...keepingFor(site),
    layout: "fill",
    emptyNotice: language.words.welcomeNoPage,
    language,
    ...more,
  });
}

/** Where a site's chat is kept, and the name its tabs find each other by. */
function keepingFor(site: string): { memory: KeyValueStore; drafts: KeyValueStore; tabs: string } {
  const name = `asklight:${site}`;
  return { memory: localStore(`${name}:`), drafts: tabStore(`${name}:`), tabs: name };
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
