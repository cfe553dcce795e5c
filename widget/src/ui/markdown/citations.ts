/**
 * Citations, as the service writes them: references `[Label][1]` or `[1]` in the text, to
 * definitions that mostly come at its end. They are chips from the start.
 */
import type { Links, Tokens } from "marked";
import { checkedAddress } from "./address";
import { decodeEntities } from "./entities";
import { createLink, saysPlace } from "./links";
import { noLinks } from "./parse";

const REFERENCE = /\[(\d{1,3})\]$/;

/** The number a link token cites by, or null where it is a link like any other. */
export function citationNumber(token: Tokens.Link): string | null {
  return REFERENCE.exec(token.raw)?.[1] ?? null;
}

/**
 * The chip: a label and the host it leads to. Where the address is not known yet, or not one to
 * link to, it leads nowhere.
 */
export function createCitation(number: string, token: Tokens.Link): HTMLElement {
  const address = checkedAddress(decodeEntities(token.href));
  const chip = address ? createLink(address) : document.createElement("span");
  chip.className = "citation";
  chip.textContent = decodeEntities(token.text) || number;
  if (address && !saysPlace(chip.textContent, address)) {
    const host = document.createElement("span");
    host.className = "host";
    host.textContent = ` ${address.place}`;
    chip.append(host);
  }
  return chip;
}

/**
 * Definitions for references whose own has not been streamed yet. A bare `[1]` counts where it
 * cannot be an index: not right behind a word.
 */
export function placeholders(source: string): Links {
  const links = noLinks();
  for (const [, number] of source.matchAll(/(?:\]|(?<![\w\])]))\[(\d{1,3})\](?![[(:])/g))
    if (number) links[number] = { href: "", title: null };
  return links;
}

/** Whether what a block shows may depend on definitions. */
export function mayCite(raw: string): boolean {
  return raw.includes("[");
}
