/**
 * References taken when the script loads, so that a page patching its globals later does not see
 * or change what passes between the panel and the proxy.
 */

export const nativeFetch: typeof fetch = globalThis.fetch.bind(globalThis);
export const parseJson: (text: string) => unknown = JSON.parse;
export const toJson: (value: unknown) => string = JSON.stringify;
export const NativeURL = URL;
