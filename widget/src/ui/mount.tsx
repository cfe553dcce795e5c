/** Puts a panel into a container and hands out what can be done with it. */
import { createRef, render } from "preact";
import { pause } from "../context/steps";
import { Attachments } from "../core/attachments";
import { hold, openChannel } from "../core/browser-tabs";
import { Chat } from "../core/chat";
import type { Client } from "../core/client";
import type { TabOptions } from "../core/tabs";
import type { KeyValueStore, Look, PageReading, PageSource, Passage } from "../core/types";
import { english, inDigits, type Language } from "../core/words";
import { Announcer } from "./announcer";
import { paletteOf } from "./palette";
import type { Passages } from "./passages";
import { Panel, type Offer } from "./panel";
import { createSurface } from "./surface";

export interface PanelOptions {
  client: Client;
  page: PageSource;
  /** Keeps the conversation's id, and what is on its way, over a reload. */
  memory: KeyValueStore;
  /** Keeps what is typed and not sent; absent: the memory does. */
  drafts?: KeyValueStore;
  /** Panels of one visitor that name the same show the same. Absent: this one is alone. */
  tabs?: string | TabOptions;
  /** What of the page goes along; absent: a panel of its own begins with nothing. */
  attachments?: Attachments;
  /** `fill` takes the container's whole box; `floating` is fixed at a corner of the window. */
  layout: "floating" | "fill";
  /** How the site wants it; absent: asked of the proxy. */
  look?: Look;
  /** What the page's author set goes before what the proxy says. */
  overrides?: () => Look;
  /** Told how the panel looks, whenever that changes. */
  onLook?: (look: Look) => void;
  /** Absent: English. */
  language?: Language;
  /** Absent: there is no close button. */
  onClose?: () => void;
  offer?: Offer;
  /** Told which selections will go, whenever that changes. */
  onPassages?: (passages: readonly Passage[]) => void;
  /** The panel stands on the page it reads: a source that is a passage of it is shown there. */
  isOnPage?: boolean;
}

export interface PanelHandle {
  readonly chat: Chat;
  /** What stands in the composer. */
  readonly typed: string;
  /** Reads the page again. */
  refresh(): Promise<void>;
  addSelection(passage: Passage): void;
  /** The same for one still looked at; null: there was nothing in it that a person sees. */
  expectSelection(passage: Promise<Passage | null>): void;
  showPage(reading: PageReading): void;
  /** Lets go of a page that has become another one; the visitor is asked whether to take that. */
  leavePage(): void;
  /** Puts a question into the composer; sending it is the visitor's. */
  draft(question: string): void;
  /** Asks at once. What goes along is waited for. */
  ask(question: string): void;
  focus(): void;
  /** Hides a floating panel without losing anything, and shows it again. */
  setOpen(isOpen: boolean): void;
  /** Looks as the overrides now say. */
  restyle(): void;
  /** Takes it off the page; gives whether the focus was in it. */
  destroy(): boolean;
}

/** The page is not read again sooner than this after the last time. */
const FRESH_MS = 3_000;

/** A question waits no longer than this for what goes along. */
const PATIENCE_MS = 3_000;

export function mountPanel(
  container: HTMLElement | ShadowRoot,
  options: PanelOptions,
): PanelHandle {
  const { client, page, memory, language = english, onClose } = options;
  const chat = new Chat(client, memory, {
    ...(options.drafts && { drafts: options.drafts }),
    tabs: typeof options.tabs === "object" ? options.tabs : tabsNamed(options.tabs),
  });
  const { attachments = new Attachments(memory) } = options;
  const announcer = new Announcer(language.words);
  const panel = createRef<Panel>();
  const surface = createSurface(container, options.layout, language, onClose);
  surface.wrapper.after(announcer.element);

  const passages: Passages = {
    panel: surface.wrapper,
    onShown: () => {
      announcer.say(language.words.passageShown);
      if (surface.coversPage) onClose?.();
    },
  };

  let known = options.look;
  const draw = () => {
    const look: Look = { ...known, ...options.overrides?.() };
    surface.dress(look, paletteOf(look));
    options.onLook?.(look);
    render(
      <Panel
        self={panel}
        language={language}
        chat={chat}
        attachments={attachments}
        announcer={announcer}
        look={look}
        offer={options.offer}
        ready={ready}
        onReadPage={() => attachments.isLeft || void readPage()}
        onTakePage={() => void readPage(true)}
        passages={options.isOnPage ? passages : undefined}
        onClose={onClose}
      />,
      surface.wrapper,
    );
  };
  let readAt = 0;
  /** The page is about to be read: who asks for that now means the same reading. */
  let isDue = false;
  /** Counts what makes a reading under way one of another page. */
  let visit = 0;
  let reading: Promise<void> = Promise.resolve();
  /** What the visitor expects among the chips is on its way there. */
  let coming: Promise<unknown> | null = null;
  const expect = (work: Promise<unknown>) => {
    const all = Promise.allSettled([coming, work]).then(() => {
      if (coming === all) coming = null;
    });
    coming = all;
  };
  const ready = () =>
    coming && Promise.race([coming, new Promise((late) => setTimeout(late, PATIENCE_MS))]);
  const readPage = (isForced = false) => {
    if (!isDue && (isForced || Date.now() - readAt >= FRESH_MS)) {
      readAt = Date.now();
      reading = readNow();
    }
    // Unasked it is read again, too: what is shown is good until then.
    if (isForced) expect(reading);
    return reading;
  };
  const readNow = async () => {
    isDue = true;
    // The panel is drawn first.
    await pause();
    isDue = false;
    const began = visit;
    try {
      const found = await page.read();
      // Looking through what was read takes a while, too, and so does the first number that is shown.
      await pause();
      inDigits(language, 0);
      await pause();
      if (began === visit) await attachments.show(found);
    } catch (error) {
      console.warn("Asklight: the page could not be read", error);
    }
  };
  const { onPassages } = options;
  if (onPassages) attachments.subscribe(() => onPassages(attachments.passages));

  draw();
  void readPage(true);
  void chat.restore();
  if (!known)
    void lookOf(client).then((found) => {
      known = found;
      if (surface.isAlive) draw();
    });

  return {
    chat,
    get typed() {
      return panel.current?.typed ?? "";
    },
    refresh: () => readPage(true),
    addSelection: (passage) => attachments.add(passage),
    expectSelection: (coming) =>
      expect(coming.then((passage) => passage && attachments.add(passage))),
    showPage: (reading) => {
      readAt = Date.now();
      visit++;
      void attachments.show(reading);
    },
    leavePage: () => {
      visit++;
      attachments.leave();
    },
    draft: (question) => panel.current?.setDraft(question),
    ask: (question) => panel.current?.ask(question),
    focus: () => panel.current?.focus(),
    setOpen: (isOpen) => surface.setOpen(isOpen),
    restyle: draw,
    destroy: () => {
      const hadFocus = surface.wrapper.matches(":focus-within");
      chat.close();
      render(null, surface.wrapper);
      surface.remove();
      return hadFocus;
    },
  };
}

function tabsNamed(name: string | undefined): TabOptions | null {
  const channel = name ? openChannel(name) : null;
  return channel && name ? { channel, hold, name } : null;
}

/** Without the site's look the panel is its own plain self. */
async function lookOf(client: Client): Promise<Look> {
  try {
    return await client.look();
  } catch (error) {
    console.warn("Asklight: the site's look could not be loaded", error);
    return {};
  }
}
