/** The module behind both of the proxy's panels: over a page somebody else made, and on its own. */
import { watchNavigation } from "./context/navigation";
import { readPageGently } from "./context/page";
import { createClient } from "./core/client";
import { colorFrom, positionFrom } from "./core/shapes";
import { localStore } from "./core/storage";
import type { KeyValueStore, Look } from "./core/types";
import { english } from "./core/words";
import { keepHidden } from "./hidden";
import type { Offers } from "./launcher";
import { PagePassages } from "./passages";
import type { Selected } from "./selected";
import { mountPanel } from "./ui/mount";

import { markOf } from "./ui/palette";

/** What the launcher hands over: `data` is its script tag's dataset, as the page's author wrote it. */
export interface WidgetOptions {
  container: HTMLElement;
  /** The proxy's origin: where the script came from. */
  proxy: string;
  data: DOMStringMap;
  /** Closes the panel. */
  show: (isWanted: false) => Promise<unknown>;
  dress: (look: Look) => void;
  /** Whether the visitor switched "Ask about this" off at selections on this site. */
  offers: Offers;
}

export interface Widget {
  setOpen(isOpen: boolean): void;
  focus(): void;
  /** Adds a selection of the page's. */
  addSelection(selected: Selected): Promise<void>;
  draft(question: string): void;
  /** Asks at once, when the selection has been added and the page read. */
  ask(question: string): Promise<void>;
}

/** The panel over a page, for the launcher. */
export function openWidget(launcher: WidgetOptions): Widget {
  const { container, proxy, data, offers } = launcher;
  const site = data.site ?? "demo";
  const { content } = data;
  const passages = new PagePassages();
  const panel = mountPanel(container, {
    client: createClient({ proxy, site, transport: "auto", nameSite: location.origin === proxy }),
    page: { read: () => readPageGently(document, content ? { content } : {}) },
    memory: memoryOf(site),
    layout: "floating",
    overrides: lookOf(data),
    offer: {
      isOff: () => offers.areOff && data.ask !== "off",
      turnOn: () => {
        offers.areOff = false;
        keepHidden(data.site, "");
      },
    },
    onPassages: (attached) => passages.show(attached),
    ...(data.lang && { lang: data.lang }),
    isOnPage: true,
    onClose: () => void launcher.show(false),
    onLook: (look) => {
      passages.paint(markOf(look));
      launcher.dress(look);
    },
  });
  let isOpen = false;
  // Closed, the panel forgets nothing: it reads the page that is there when it is opened.
  watchNavigation(() => isOpen && panel.leavePage());
  return {
    setOpen: (isWanted) => {
      isOpen = isWanted;
      panel.setOpen(isOpen);
      passages.turn(isOpen);
      if (isOpen) void panel.refresh();
    },
    focus: panel.focus,
    addSelection: async (selected) => {
      const passage = await passages.add(selected);
      if (passage) panel.addSelection(passage);
    },
    draft: panel.draft,
    ask: async (question) => {
      await passages.added;
      await panel.ask(question);
    },
  };
}

/** The panel as a whole page of the proxy. There is no page to read, and it says so. */
export function openChat(container: HTMLElement, site: string): void {
  const panel = mountPanel(container, {
    client: createClient({ proxy: location.origin, site, transport: "auto", nameSite: true }),
    page: { read: async () => ({ url: null, title: null, content: null, selections: [] }) },
    memory: memoryOf(site),
    layout: "fill",
    emptyNotice: english.words.welcomeNoPage,
  });
  panel.focus();
}

function memoryOf(site: string): KeyValueStore {
  return localStore(`asklight:${site}:`);
}

function lookOf(data: DOMStringMap): Look {
  const color = colorFrom(data.color);
  const position = positionFrom(data.position);
  const { theme } = data;
  return {
    ...(color && { brandColor: color, brandColorDark: color }),
    ...(position && { position }),
    ...((theme === "light" || theme === "dark") && { theme }),
  };
}
