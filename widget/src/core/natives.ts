/**
 * References taken when the script loads, so that a page patching its globals later does not see
 * or change what passes between the panel and the proxy.
 */

export const nativeFetch: typeof fetch = globalThis.fetch.bind(globalThis);
export const parseJson: (text: string) => unknown = JSON.parse;
const stringify = JSON.stringify;

/** Passes by what a page's `toJSON` makes of text and lists: old versions of Prototype have one. */
export function toJson(value: unknown): string {
  return stringify(value, function (this: Record<string, unknown>, key) {
    return this[key];
  });
}

export const NativeURL = URL;
export const NativeTextDecoder = TextDecoder;
