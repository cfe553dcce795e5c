/**
 * `asklight`: the proxy's own script for a page that is put together by a bundler, with types. Importing
 * it does nothing, and on a server none of it does anything.
 */
import type { Asklight, AsklightOptions } from "../owner/api";

export type * from "../owner/api";

type Queue = ((...call: unknown[]) => void) & { _q?: unknown[][] };

/** The tag put into the page last, and what its widget's element is known by. */
let last: { script: HTMLScriptElement; slot: string } | undefined;

/** Says a command, now or when the script is there. */
export const asklight: Asklight = (...call: unknown[]): void => {
  if (typeof window === "undefined") return;
  const page = window as { Asklight?: Queue };
  page.Asklight ??= (...later) => (page.Asklight!._q ??= []).push(later);
  page.Asklight(...call);
  if (call[0] === "destroy") makeWay(page);
};

/** What is destroyed can be loaded again at once, as an effect in React's StrictMode is, and what is said from now on is the next one's. */
function makeWay(page: { Asklight?: Queue }): void {
  if (!last) return;
  last.script.remove();
  if (!page.Asklight?._q) {
    delete page.Asklight;
    document.querySelector(`[slot="${last.slot}"]`)?.removeAttribute("slot");
  }
  last = undefined;
}

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
  if (typeof document === "undefined") return;
  const { href } = new URL("/embed.js", proxy);
  const there = [...document.scripts].some((script) => script.src === href);
  if (there) return;
  // One that was destroyed before it came is wanted after all.
  const queue = (window as { Asklight?: Queue }).Asklight?._q ?? [];
  queue.splice(0, 1 + queue.findLastIndex(([command]) => command === "destroy"));
  const script = document.createElement("script");
  script.async = true;
  if (nonce) script.nonce = nonce;
  for (const [name, value] of Object.entries(options))
    if (typeof value === "string") script.dataset[name] = value;
  script.src = href;
  document.head.append(script);
  last = { script, slot: new URL(href).origin + (options.site ?? "demo") };
}
