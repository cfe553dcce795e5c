/** The list of sources under an answer: those its text defines, and those the stream named besides. */
import type { Links } from "marked";
import type { Source } from "../../core/types";
import { checkedAddress, type Address } from "./address";
import { decodeEntities } from "./entities";
import { createLink, placeBeside } from "./links";

interface Listed {
  /** As the text cites it; null for one that only the stream named. */
  number: number | null;
  label: string;
  address: Address | null;
}

/** Sources in the order they are cited by, each address once. */
export function listedSources(links: Links, named: readonly Source[]): Listed[] {
  const defined = Object.keys(links).filter((label) => /^\d{1,3}$/.test(label));
  const listed = defined
    .map(Number)
    .sort((a, b) => a - b)
    .flatMap((number) => fromText(number, links[number]));
  const known = new Set(listed.map(({ address }) => address?.href));
  const others = named.flatMap(fromStream).filter(({ address }) => {
    const isNew = !address || !known.has(address.href);
    known.add(address?.href);
    return isNew;
  });
  return [...listed, ...others];
}

function fromText(number: number, definition: Links[string] | undefined): Listed[] {
  const address = checkedAddress(decodeEntities(definition?.href ?? ""));
  if (!definition || !address) return [];
  return [{ number, label: decodeEntities(definition.title ?? "") || address.place, address }];
}

function fromStream({ url, title }: Source): Listed[] {
  const address = url === null ? null : checkedAddress(url);
  const label = title ?? address?.place;
  // An address not to link to is no source; a document has none, and is named.
  if (!label || (url !== null && !address)) return [];
  return [{ number: null, label, address }];
}

/** The list, or null where there is nothing to list. */
export function createSources(sources: readonly Listed[], heading: string): HTMLElement | null {
  if (sources.length === 0) return null;
  const section = document.createElement("section");
  section.className = "sources";
  const title = document.createElement("h4");
  title.textContent = heading;
  const list = document.createElement("ol");
  list.append(...sources.map(createSource));
  section.append(title, list);
  return section;
}

function createSource({ number, label, address }: Listed): HTMLElement {
  const item = document.createElement("li");
  item.dir = "auto";
  if (number !== null) item.value = number;
  if (!address) {
    item.textContent = label;
    return item;
  }
  const link = createLink(address);
  link.textContent = label;
  item.append(link);
  const place = placeBeside(label, address);
  if (place) item.append(place);
  return item;
}
