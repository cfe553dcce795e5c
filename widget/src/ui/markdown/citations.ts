/**
 * Citations, as the service writes them: definitions `[1]: https://… "Label"` on lines of their own,
 * and references `[Label][1]` or `[1]` in the text. They become chips and a list of sources.
 */
import type { Links, Tokens } from "marked";
import { checkedAddress } from "./address";
import { decodeEntities } from "./entities";
import { createLink, placeBeside } from "./links";

const REFERENCE = /\[(\d{1,3})\]$/;

/** The number a link token cites by, or null where it is a link like any other. */
export function citationNumber(token: Tokens.Link): string | null {
  return REFERENCE.exec(token.raw)?.[1] ?? null;
}

/** The chip. Where the address is not known yet, or not one to link to, it is plain text. */
export function createCitation(number: string, token: Tokens.Link): HTMLElement {
  const address = checkedAddress(token.href);
  const chip = address ? createLink(address) : document.createElement("span");
  chip.className = "citation";
  chip.textContent = decodeEntities(token.text) || number;
  return chip;
}

/**
 * Definitions for references whose own has not been streamed yet, so that they are chips from the
 * start. Only the labelled form: `[1]` alone may be an index or a footnote of the text.
 */
export function placeholders(source: string): Links {
  const links: Links = {};
  for (const [, number] of source.matchAll(/\]\[(\d{1,3})\]/g))
    if (number) links[number] = { href: "", title: null };
  return links;
}

/** The numbers cited in a source text, in order of their first appearance. */
function citedNumbers(source: string, links: Links): string[] {
  const numbers = [...source.matchAll(/\[(\d{1,3})\](?!:)/g)].map(([, number]) => number ?? "");
  return [...new Set(numbers)].filter((number) => number in links);
}

/** The list under an answer, or null where nothing in it is cited. */
export function createSources(source: string, links: Links, heading: string): HTMLElement | null {
  const list = document.createElement("ol");
  for (const number of citedNumbers(source, links)) {
    const item = createSource(number, links[number]);
    if (item) list.append(item);
  }
  if (list.childElementCount === 0) return null;
  const section = document.createElement("section");
  section.className = "sources";
  const title = document.createElement("h4");
  title.textContent = heading;
  section.append(title, list);
  return section;
}

function createSource(number: string, definition: Links[string] | undefined): HTMLElement | null {
  const address = definition && checkedAddress(definition.href);
  if (!address) return null;
  const item = document.createElement("li");
  item.value = Number(number);
  const link = createLink(address);
  link.textContent = decodeEntities(definition.title ?? "") || address.place;
  item.append(link);
  const place = placeBeside(link.textContent, address);
  if (place) item.append(place);
  return item;
}
