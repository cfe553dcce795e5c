/** The module behind both of the proxy's panels: over a page somebody else made, and on its own. */
import { readPage } from "./context/page";
import { passageAt } from "./context/selection";
import { createClient } from "./core/client";
import { colorFrom, positionFrom } from "./core/shapes";
import { localStore } from "./core/storage";
import type { KeyValueStore, Look } from "./core/types";
import { english } from "./core/words";
import { mountPanel } from "./ui/mount";

/** What the launcher hands over: `data` is its script tag's dataset, as the page's author wrote it. */
export interface WidgetOptions {
  container: HTMLElement;
  /** The proxy's origin: where the script came from. */
  proxy: string;
  data: DOMStringMap;
  onClose: () => void;
  onLook: (look: Look) => void;
}

export interface Widget {
  setOpen(isOpen: boolean): void;
  focus(): void;
  /** Adds the selection of a range, whose text the launcher remembered. */
  addSelection(text: string, range: Range): void;
  draft(question: string): void;
}

/** The panel over a page, for the launcher. */
export function openWidget(options: WidgetOptions): Widget {
  const { container, proxy, data, onClose, onLook } = options;
  const site = data.site ?? "demo";
  const { content } = data;
  const read = () => readPage(document, content ? { content } : {});
  const panel = mountPanel(container, {
    client: createClient({ proxy, site, transport: "auto", nameSite: location.origin === proxy }),
    page: { read: async () => read() },
    memory: memoryOf(site),
    layout: "floating",
    overrides: lookOf(data),
    ...(data.lang && { lang: data.lang }),
    onClose,
    onLook,
  });
  return {
    setOpen: (isOpen) => {
      panel.setOpen(isOpen);
      if (isOpen) void panel.refresh();
    },
    focus: panel.focus,
    addSelection: (text, range) => {
      const passage = passageAt(text, range);
      if (passage) panel.addSelection(passage);
    },
    draft: panel.draft,
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
