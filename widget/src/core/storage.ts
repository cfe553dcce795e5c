/** The page's own storage as stores. Where it is absent, full or forbidden, nothing is kept. */
import type { KeyValueStore } from "./types";

/** Kept for every tab of the page's origin. */
export function localStore(prefix: string): KeyValueStore {
  return storeIn(() => localStorage, prefix);
}

/** Kept for this tab; a tab that has nothing of its own begins with what another kept last. */
export function tabStore(prefix: string): KeyValueStore {
  const own = storeIn(() => sessionStorage, prefix);
  const all = localStore(prefix);
  return {
    get: async (key) => (await own.get(key)) ?? (await all.get(key)),
    set: async (key, value) => void (await Promise.all([own.set(key, value), all.set(key, value)])),
    remove: async (key) => void (await Promise.all([own.remove(key), all.remove(key)])),
  };
}

function storeIn(storage: () => Storage, prefix: string): KeyValueStore {
  return {
    get: async (key) => attempt(() => storage().getItem(prefix + key)),
    set: async (key, value) => attempt(() => storage().setItem(prefix + key, value)) ?? undefined,
    remove: async (key) => attempt(() => storage().removeItem(prefix + key)) ?? undefined,
  };
}

/** Mere access to `localStorage` throws in sandboxed frames and where storage is blocked. */
function attempt<Value>(action: () => Value): Value | null {
  try {
    return action();
  } catch {
    return null;
  }
}
