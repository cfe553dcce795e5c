/** The page's own local storage as a store. Where it is absent, full or forbidden, nothing is kept. */
import type { KeyValueStore } from "./types";

export function localStore(prefix: string): KeyValueStore {
  return {
    get: async (key) => attempt(() => localStorage.getItem(prefix + key)),
    set: async (key, value) =>
      attempt(() => localStorage.setItem(prefix + key, value)) ?? undefined,
    remove: async (key) => attempt(() => localStorage.removeItem(prefix + key)) ?? undefined,
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
