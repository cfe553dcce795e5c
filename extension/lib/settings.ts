/** What the user set up: which proxy answers, and as which of its sites. */
import { checkAddress } from "./address";
import type { Store } from "./browser";

export interface Settings {
  /** An origin, without a final slash. */
  proxy: string;
  /** The site's id on that proxy. */
  site: string;
}

export const SETTINGS_KEY = "settings";
export const DEFAULT_SITE = "demo";

/** What the proxy takes for a site's id; anything else cannot be one, so nothing is asked. */
const SITE_ID = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

export function isSiteId(text: string): boolean {
  return SITE_ID.test(text);
}

/** Settings as they were stored, or null when there are none or they are not ours. */
export function settingsFrom(stored: unknown): Settings | null {
  if (typeof stored !== "object" || stored === null) return null;
  if (!("proxy" in stored) || !("site" in stored)) return null;
  const { proxy, site } = stored;
  if (typeof proxy !== "string" || typeof site !== "string" || !isSiteId(site)) return null;
  const address = checkAddress(proxy);
  return address.ok ? { proxy: address.origin, site } : null;
}

export async function loadSettings(store: Store): Promise<Settings | null> {
  return settingsFrom(await store.get(SETTINGS_KEY));
}

export function saveSettings(store: Store, settings: Settings): Promise<void> {
  return store.set(SETTINGS_KEY, settings);
}
