/** Which addresses an answer may link to. */
import { NativeURL } from "../../core/natives";

export interface Address {
  /** Absolute, as the browser writes it. */
  href: string;
  /** Shown beside the label, so that a link says where it leads: a host, or a mail address. */
  place: string;
}

/**
 * An absolute http, https or mailto address; null for anything else, and for one with a user name,
 * which is there to be mistaken for a host.
 */
export function checkedAddress(text: string): Address | null {
  let url: URL;
  try {
    // A browser takes a backslash for a slash; CommonMark does not.
    url = new NativeURL(text.replaceAll("\\", "%5C"));
  } catch {
    return null;
  }
  if (url.username || url.password) return null;
  if (url.protocol === "mailto:") return { href: url.href, place: decoded(url.pathname) };
  if (url.protocol !== "https:" && url.protocol !== "http:") return null;
  return { href: url.href, place: url.host };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
