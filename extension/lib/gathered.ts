/**
 * What the scripts run in a page hand back, and the guards for it: they run beside the page's own
 * code, so their results are checked like any other input.
 */
import type { Passage } from "@asklight/widget";

export interface GatheredPage {
  url: string | null;
  title: string | null;
  content: string | null;
  /** For suggested questions only. */
  headings: string[];
  /** A PDF in the browser's own viewer, whose text no script can reach. */
  isPdf: boolean;
}

/** Text longer than this did not come from our script, which stops long before. */
const TEXT_LENGTH = 2_000_000;

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= TEXT_LENGTH;
}

function textOrNull(value: unknown): string | null {
  return isText(value) && value !== "" ? value : null;
}

/** A page as a script gave it, or null when it is not one. */
export function pageFrom(result: unknown): GatheredPage | null {
  if (typeof result !== "object" || result === null) return null;
  const { url, title, content, headings, isPdf } = result as Record<string, unknown>;
  return {
    url: textOrNull(url),
    title: textOrNull(title),
    content: textOrNull(content),
    headings: Array.isArray(headings) ? headings.filter(isText) : [],
    isPdf: isPdf === true,
  };
}

/** A selection as a script gave it, or null when there is none. */
export function passageFrom(result: unknown): Passage | null {
  if (typeof result !== "object" || result === null) return null;
  const { text, paragraph } = result as Record<string, unknown>;
  return isText(text) && text !== "" ? { text, paragraph: textOrNull(paragraph) } : null;
}
