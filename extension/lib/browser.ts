/**
 * The one place that touches the browser's extension API. Every function is thin: it translates
 * between the API's shapes and ours, and whatever it hands out from storage or from a page is
 * `unknown` until a guard elsewhere says otherwise.
 */
import { browser, type Browser } from "wxt/browser";

/** A tab that exists and can be asked about. */
export interface Tab {
  id: number;
  windowId: number;
  /** The address, where the browser shows it to us: only on tabs the user invoked us on. */
  url: string | null;
}

/** What a script gave back from one frame of a tab. */
export interface Injected {
  /** 0 is the tab's own page. */
  frameId: number;
  /** Changes whenever the frame loads another document. */
  documentId: string;
  result: unknown;
}

/** What happened to a tab, in the order a page lives. */
export type TabChange = "shown" | "loading" | "loaded" | "moved";

/** Firefox's sidebar, which Chromium's types do not know. */
interface Sidebar {
  open(): Promise<void>;
}

function sidebar(): Sidebar | undefined {
  return "sidebarAction" in browser ? (browser.sidebarAction as Sidebar) : undefined;
}

/** Whether this is Firefox; it has a sidebar where Chromium has a side panel. */
export function isFirefox(): boolean {
  return sidebar() !== undefined;
}

/** The id a proxy's operator lists to let this extension in. */
export function extensionId(): string {
  return browser.runtime.id;
}

function tabFrom(tab: Browser.tabs.Tab | undefined): Tab | null {
  if (tab?.id === undefined) return null;
  return { id: tab.id, windowId: tab.windowId, url: tab.url ?? null };
}

/**
 * Opens the panel beside a tab. Must run in the user's own click, key or menu choice, before
 * anything is awaited: browsers forget the gesture at the first `await`.
 */
export function openPanel(tab: Tab): Promise<void> {
  const firefox = sidebar();
  if (firefox) return firefox.open();
  // Chromium's own viewers (PDF) have no tab number; their window has the panel.
  const { TAB_ID_NONE } = browser.tabs;
  const target = tab.id === TAB_ID_NONE ? { windowId: tab.windowId } : { tabId: tab.id };
  return browser.sidePanel.open(target);
}

export function openOptions(): Promise<void> {
  return browser.runtime.openOptionsPage();
}

export function onInstalled(listener: () => void): void {
  browser.runtime.onInstalled.addListener(listener);
}

export function onToolbarClick(listener: (tab: Tab) => void): void {
  browser.action.onClicked.addListener((clicked) => {
    const tab = tabFrom(clicked);
    if (tab) listener(tab);
  });
}

/** Calls back with the menu's tab and the text the browser says is selected, frames included. */
export function onMenuClick(listener: (tab: Tab, selectionText: string | null) => void): void {
  browser.contextMenus.onClicked.addListener((info, clicked) => {
    const tab = tabFrom(clicked);
    if (tab) listener(tab, info.selectionText ?? null);
  });
}

export function onCommand(listener: (tab: Tab, command: string) => void): void {
  browser.commands.onCommand.addListener((command, pressedOn) => {
    const tab = tabFrom(pressedOn);
    if (tab) listener(tab, command);
  });
}

export function onTabClosed(listener: (tabId: number) => void): void {
  browser.tabs.onRemoved.addListener((tabId) => listener(tabId));
}

export interface MenuItem {
  id: string;
  title: string;
  contexts: ("page" | "selection" | "frame")[];
}

/** Replaces the extension's context menu. Browsers keep it, so it is made at install only. */
export async function createMenu(items: readonly [MenuItem, ...MenuItem[]]): Promise<void> {
  await browser.contextMenus.removeAll();
  for (const { id, title, contexts } of items) {
    const [first, ...rest] = contexts;
    if (first) browser.contextMenus.create({ id, title, contexts: [first, ...rest] });
  }
}

/** The keys that ask about a page, as the user's browser writes them; null where none are set. */
export async function shortcutFor(command: string): Promise<string | null> {
  const commands = await browser.commands.getAll();
  return commands.find(({ name }) => name === command)?.shortcut || null;
}

/** The tab in front in the window this page belongs to. */
export async function activeTab(): Promise<Tab | null> {
  const [tab] = await browser.tabs.query({ active: true, currentWindow: true });
  return tabFrom(tab);
}

/** Tells of every tab that comes to the front, loads or changes its address, until aborted. */
export function onTabChange(
  listener: (tabId: number, change: TabChange) => void,
  signal: AbortSignal,
): void {
  const shown = ({ tabId }: { tabId: number }): void => listener(tabId, "shown");
  const updated = (tabId: number, { status, url }: { status?: string; url?: string }): void => {
    if (status === "loading") listener(tabId, "loading");
    else if (status === "complete") listener(tabId, "loaded");
    else if (url !== undefined) listener(tabId, "moved");
  };
  browser.tabs.onActivated.addListener(shown);
  browser.tabs.onUpdated.addListener(updated);
  signal.addEventListener("abort", () => {
    browser.tabs.onActivated.removeListener(shown);
    browser.tabs.onUpdated.removeListener(updated);
  });
}

/** Scripts of ours that can be run in a page the user invoked us on. */
export type PageScript = "/page.js" | "/selection.js";

/** Runs a script in a tab's page, or in it and every frame we may reach; rejects where we may not. */
export async function runInPage(
  tabId: number,
  script: PageScript,
  frames: "top" | "all",
): Promise<Injected[]> {
  const results = await browser.scripting.executeScript({
    target: { tabId, allFrames: frames === "all" },
    files: [script],
    // A page that never ends loading is read as far as it came, and again once it has loaded.
    injectImmediately: true,
  });
  return results.map(({ frameId, documentId, result }) => ({ frameId, documentId, result }));
}

/** `session` is forgotten when the browser closes and is out of reach of any page. */
export type StoreArea = "local" | "session";

export interface Store {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
  remove(key: string): Promise<void>;
}

export function storeIn(area: StoreArea): Store {
  return {
    get: async (key) => (await browser.storage[area].get(key))[key],
    set: (key, value) => browser.storage[area].set({ [key]: value }),
    remove: (key) => browser.storage[area].remove(key),
  };
}

/** Tells of every value written to or removed (undefined) from a store, until aborted. */
export function onStored(
  area: StoreArea,
  listener: (key: string, value: unknown) => void,
  signal: AbortSignal,
): void {
  const changed = (changes: Record<string, { newValue?: unknown }>): void => {
    for (const [key, { newValue }] of Object.entries(changes)) listener(key, newValue);
  };
  browser.storage[area].onChanged.addListener(changed);
  signal.addEventListener("abort", () => browser.storage[area].onChanged.removeListener(changed));
}

export function mayReach(hostPattern: string): Promise<boolean> {
  return browser.permissions.contains({ origins: [hostPattern] });
}

/** Asks the user to allow one host. Must run in their click, before anything is awaited. */
export function askToReach(hostPattern: string): Promise<boolean> {
  return browser.permissions.request({ origins: [hostPattern] });
}

export async function forgetHost(hostPattern: string): Promise<void> {
  await browser.permissions.remove({ origins: [hostPattern] });
}

/** Tells when the user, here or in the browser's settings, allows or forbids a host. */
export function onReachChange(listener: () => void, signal: AbortSignal): void {
  browser.permissions.onAdded.addListener(listener);
  browser.permissions.onRemoved.addListener(listener);
  signal.addEventListener("abort", () => {
    browser.permissions.onAdded.removeListener(listener);
    browser.permissions.onRemoved.removeListener(listener);
  });
}
