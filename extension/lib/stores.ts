/** Keeps the widget's strings (token, conversation, draft) where only the extension reads them. */
import type { KeyValueStore } from "@asklight/widget";
import type { Store } from "./browser";
import type { Settings } from "./settings";

/**
 * Strings under names of their own, one set for each proxy and site, so that a token is never
 * offered to a proxy that did not issue it.
 */
export function stringsIn(store: Store, purpose: string, settings: Settings): KeyValueStore {
  const named = (key: string): string => `${purpose}:${settings.proxy}:${settings.site}:${key}`;
  return {
    async get(key) {
      const value = await store.get(named(key));
      return typeof value === "string" ? value : null;
    },
    set: (key, value) => store.set(named(key), value),
    remove: (key) => store.remove(named(key)),
  };
}
