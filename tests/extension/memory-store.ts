import type { Store } from "../../extension/lib/browser";

/** A store like the browser's, in memory: values go in and out as JSON does. */
export function memoryStore(initial: Record<string, unknown> = {}): Store & {
  values: Map<string, unknown>;
} {
  const values = new Map(Object.entries(initial));
  return {
    values,
    get: async (key) => structuredClone(values.get(key)),
    set: async (key, value) => void values.set(key, structuredClone(value)),
    remove: async (key) => void values.delete(key),
  };
}
