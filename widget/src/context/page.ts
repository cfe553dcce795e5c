import type { PageReading } from "../core/types";
import { oneLine } from "./clean";
import { atOnce, inSlices, type Steps } from "./steps";
import { bodyOf, gather, visibleText, type Seen } from "./walker";

/** More headings than this are not looked at. */
const HEADINGS = 20;

export interface PageOptions {
  /** A selector of the elements whose text is the page's content, where the owner knows better. */
  content?: string;
}

/** The address, title and visible text of a document. Selections are read apart. */
export function readPage(document: Document, options: PageOptions = {}): PageReading {
  return atOnce(reading(document, options));
}

/** The same, without keeping a large page from answering to its reader meanwhile. */
export function readPageGently(
  document: Document,
  options: PageOptions = {},
): Promise<PageReading> {
  return inSlices(reading(document, options));
}

function* reading(document: Document, options: PageOptions): Steps<PageReading> {
  const { text, hidden } = yield* contentOf(document, options.content);
  return {
    url: addressOf(document),
    // Not the document's own property, which an image of that name stands in for.
    title: oneLine(document.querySelector("head title")?.textContent ?? "") || null,
    content: text || null,
    selections: [],
    headings: headingsOf(document),
    hidden,
  };
}

/** The sections' headings, as a reader of the page sees them. */
function headingsOf(document: Document): string[] {
  const main = document.querySelector("main,[role=main],article") ?? bodyOf(document);
  const headings = [...(main?.querySelectorAll("h2,h3") ?? [])].slice(0, HEADINGS);
  return headings.map((heading) => oneLine(visibleText(heading))).filter(Boolean);
}

/** Only web addresses; a name or password in one never leaves. */
function addressOf(document: Document): string | null {
  try {
    const url = new URL(document.location.href);
    if (url.protocol !== "http:" && url.protocol !== "https:") return null;
    url.username = "";
    url.password = "";
    return url.href;
  } catch {
    return null;
  }
}

function* contentOf(document: Document, selector: string | undefined): Steps<Seen> {
  const chosen = selector ? elementsMatching(document, selector) : [];
  if (chosen.length === 0) return yield* gather(document);
  const texts: string[] = [];
  let hidden = 0;
  for (const element of chosen) {
    const seen = yield* gather(element);
    if (seen.text) texts.push(seen.text);
    hidden += seen.hidden;
  }
  return { text: texts.join("\n\n"), hidden };
}

/** Matches in document order, without those inside another match; none for a faulty selector. */
function elementsMatching(document: Document, selector: string): Element[] {
  try {
    const all = [...document.querySelectorAll(selector)];
    return all.filter((element) => !element.parentElement?.closest(selector));
  } catch {
    console.warn(`Asklight: data-content is not a selector: ${selector}`);
    return [];
  }
}
