/** Buttons a tool wants shown: links like any other, their address checked and their host said. */
import type { LinkButton } from "../../core/types";
import { checkedAddress } from "./address";
import { createLink } from "./links";

/** The buttons, or null where there is none to show. */
export function createButtons(buttons: readonly LinkButton[]): HTMLElement | null {
  const row = document.createElement("p");
  row.className = "link-buttons";
  row.append(...buttons.flatMap(createButton));
  return row.childElementCount > 0 ? row : null;
}

function createButton({ label, href, isPrimary }: LinkButton): HTMLElement[] {
  const address = checkedAddress(href);
  if (!address) return [];
  const link = createLink(address);
  link.className = isPrimary ? "link-button primary" : "link-button";
  link.dir = "auto";
  link.textContent = label;
  const host = document.createElement("span");
  host.className = "host";
  host.textContent = ` ${address.place}`;
  link.append(host);
  return [link];
}
