/**
 * The text a link leads to on its page: a text fragment, `#:~:text=[prefix-,]start[,end][,-suffix]`
 * (https://wicg.github.io/scroll-to-text-fragment/).
 */
import { NativeURL } from "../core/natives";

export interface Quote {
  start: string;
  /** The last words of a longer passage, which is given by its edges. */
  end: string | null;
  /** What stands right before and right after it. */
  prefix: string | null;
  suffix: string | null;
}

/** The passage an address leads to, where it is one of the page at `here`; else null. */
export function quoteOn(address: string, here: string): Quote | null {
  const [page, fragment = ""] = split(address);
  if (page === null || page !== split(here)[0]) return null;
  const [, directives = ""] = fragment.split(":~:");
  const text = directives.split("&").find((directive) => directive.startsWith("text="));
  return text ? quoteFrom(text.slice("text=".length)) : null;
}

function split(address: string): [string | null, string?] {
  try {
    const url = new NativeURL(address);
    const fragment = url.hash.slice(1);
    url.hash = "";
    return [url.href, fragment];
  } catch {
    return [null];
  }
}

function quoteFrom(directive: string): Quote | null {
  const parts = directive.split(",");
  const prefix = parts[0]?.endsWith("-") ? decoded(parts.shift()?.slice(0, -1)) : null;
  const suffix = parts.at(-1)?.startsWith("-") ? decoded(parts.pop()?.slice(1)) : null;
  const start = decoded(parts[0]);
  return start ? { start, end: decoded(parts[1]), prefix, suffix } : null;
}

function decoded(text: string | undefined): string | null {
  try {
    return text ? decodeURIComponent(text) : null;
  } catch {
    return null;
  }
}
