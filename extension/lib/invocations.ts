/**
 * Which tabs the user invoked the extension on. A page is read only while its tab has a record
 * here and still shows the origin it was made for, whatever else the browser would allow: being
 * allowed to reach the proxy must not make the proxy's own pages readable unasked.
 *
 * The worker writes the records and the panel watches them, so either may start first and the
 * worker may sleep in between.
 */
import type { Store, Tab } from "./browser";

export interface Invocation {
  tabId: number;
  windowId: number;
  /** The page's origin; null where the browser does not show its address. */
  origin: string | null;
  /** What the context menu said is selected: the only word from frames we cannot reach. */
  selectionText: string | null;
  /** Tells one invocation from the next, in milliseconds since 1970. */
  at: number;
}

const KEY = "invoked:";

/** A browser hands over whole selections; a question takes no more than this anyway. */
const SELECTION_LENGTH = 10_000;

export function originOf(url: string | null): string | null {
  const origin = url === null ? undefined : URL.parse(url)?.origin;
  return origin === undefined || origin === "null" ? null : origin;
}

export function invocationOf(tab: Tab, selectionText: string | null, at: number): Invocation {
  return {
    tabId: tab.id,
    windowId: tab.windowId,
    origin: originOf(tab.url),
    selectionText: selectionText?.slice(0, SELECTION_LENGTH) ?? null,
    at,
  };
}

function isText(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}

/** An invocation as it was stored, or null when it is not one. */
export function invocationFrom(stored: unknown): Invocation | null {
  if (typeof stored !== "object" || stored === null) return null;
  const { tabId, windowId, origin, selectionText, at } = stored as Record<string, unknown>;
  if (typeof tabId !== "number" || typeof windowId !== "number" || typeof at !== "number") {
    return null;
  }
  if (!isText(origin) || !isText(selectionText)) return null;
  return { tabId, windowId, origin, selectionText, at };
}

/** Whether a stored key holds an invocation. */
export function isInvocationKey(key: string): boolean {
  return key.startsWith(KEY);
}

export function recordInvocation(store: Store, invocation: Invocation): Promise<void> {
  return store.set(KEY + invocation.tabId, invocation);
}

export function forgetInvocation(store: Store, tabId: number): Promise<void> {
  return store.remove(KEY + tabId);
}

export async function invocationIn(store: Store, tabId: number): Promise<Invocation | null> {
  return invocationFrom(await store.get(KEY + tabId));
}

/**
 * Whether a tab has left the page the user invoked us on for one of another origin. Where the
 * browser does not show its address, it does not let us in either, and says so when asked.
 */
export function hasLeft(invocation: Invocation, tab: Tab): boolean {
  return tab.url !== null && invocation.origin !== originOf(tab.url);
}
