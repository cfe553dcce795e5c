/**
 * `asklight`: the proxy's own script for a page that is put together by a bundler, with types. Importing
 * it does nothing, and on a server none of it does anything.
 */
import type { Asklight, AsklightOptions } from "../owner/api";

export type * from "../owner/api";

type Queue = ((...call: unknown[]) => void) & { _q?: unknown[][] };

/** Says a command, now or when the script is there. */
export const asklight: Asklight = (...call: unknown[]): void => {
  if (typeof window === "undefined") return;
  const page = window as { Asklight?: Queue };
  page.Asklight ??= (...later) => (page.Asklight!._q ??= []).push(later);
  page.Asklight(...call);
};

export interface LoadOptions extends AsklightOptions {
  /** The proxy's address, such as `https://ask.example.com`. */
  proxy: string;
  /** For a content policy that asks for one. */
  nonce?: string;
}

/**
 * Puts the proxy's script tag into the page, once. Under `require-trusted-types-for 'script'` a page may
 * not do that: write the tag into its HTML there, or use `asklight/define`.
 */
export function loadAsklight({ proxy, nonce, ...options }: LoadOptions): void {
  const { href } = new URL("/embed.js", proxy);
  const there = [...document.scripts].some((script) => script.src === href);
  if (there) return;
  const script = document.createElement("script");
  script.async = true;
  if (nonce) script.nonce = nonce;
  for (const [name, value] of Object.entries(options))
    if (typeof value === "string") script.dataset[name] = value;
  script.src = href;
  document.head.append(script);
}
