/**
 * What a page and the assistant in a frame on it say to each other. The page that frames is known by
 * its window and its origin, which is one of the site's; from then on both speak over a channel
 * nobody else holds. Whatever comes over it is unknown until read here.
 */
import type { PageReading, Passage } from "../core/types";
import type { AsklightEvents, Theme } from "./api";
import { themeFrom } from "./arguments";

/** Said by the frame to whoever frames it, once it listens: that, and nothing more. */
export const READY = "asklight:ready";
/** The framing page's answer, with a port of the channel. */
export const CONNECT = "asklight:connect";

export type ToFrame =
  | { type: "page"; page: PageReading }
  | { type: "left" }
  | { type: "ask"; question: string; isSent: boolean }
  | { type: "theme"; theme: Theme }
  /** Whether the page vouches for a user; its word is asked for when it is needed. */
  | { type: "user"; isKnown: boolean }
  /** That word, or null where the page has none. */
  | { type: "token"; token: string | null }
  | { type: "focus" };

export type ToPage =
  | { type: "read" }
  /** The word for the page's user is needed. */
  | { type: "token" }
  | {
      [Name in keyof AsklightEvents]: { type: "event"; name: Name; detail: AsklightEvents[Name] };
    }[keyof AsklightEvents];

type Fields = Record<string, unknown>;

/** The panel's own guards would come apart from it if they were shared with what is loaded after it. */
export function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function textAt(value: Fields, name: string): string | null {
  const text = value[name];
  return typeof text === "string" && text ? text : null;
}

/** More passages than this are nobody's selection. */
const PASSAGES = 20;
const HEADINGS = 20;

export function toFrameFrom(message: unknown): ToFrame | null {
  if (!isRecord(message)) return null;
  if (message.type === "left" || message.type === "focus") return { type: message.type };
  if (message.type === "page") return { type: "page", page: readingFrom(message.page) };
  if (message.type === "theme") {
    const theme = themeFrom(message.theme);
    return theme ? { type: "theme", theme } : null;
  }
  if (message.type === "user") return { type: "user", isKnown: message.isKnown === true };
  if (message.type === "token") return { type: "token", token: textAt(message, "token") };
  const question = message.type === "ask" ? textAt(message, "question") : null;
  return question ? { type: "ask", question, isSent: message.isSent === true } : null;
}

function readingFrom(value: unknown): PageReading {
  const page = isRecord(value) ? value : {};
  const { selections, headings } = page;
  const url = textAt(page, "url");
  return {
    url: url && /^https?:\/\//.test(url) ? url : null,
    title: textAt(page, "title"),
    content: textAt(page, "content"),
    selections: Array.isArray(selections)
      ? selections.slice(0, PASSAGES).flatMap((passage: unknown) => passageFrom(passage) ?? [])
      : [],
    headings: Array.isArray(headings)
      ? headings.slice(0, HEADINGS).filter((heading: unknown) => typeof heading === "string")
      : [],
    hidden: typeof page.hidden === "number" ? page.hidden : 0,
  };
}

function passageFrom(value: unknown): Passage | null {
  const text = isRecord(value) ? textAt(value, "text") : null;
  return isRecord(value) && text ? { text, paragraph: textAt(value, "paragraph") } : null;
}

/** Whether an origin is one of a list as `frame-ancestors` has it: exact, `https://*.example.com`, any port. */
export function isListed(origin: string, sources: readonly string[]): boolean {
  return sources.some((source) => {
    const [scheme = "", rest = ""] = source.split("://");
    const [, host = "", port = ""] = /^(.*?)(:(?:\d+|\*))?$/.exec(rest) ?? [];
    const found = /^([a-z]+):\/\/([^:/]+)(:\d+)?$/.exec(origin);
    if (!found || found[1] !== scheme) return false;
    const [, , name = "", itsPort = ""] = found;
    if (port !== ":*" && port !== itsPort) return false;
    return host.startsWith("*.")
      ? name.endsWith(host.slice(1)) && name !== host.slice(2)
      : name === host;
  });
}
