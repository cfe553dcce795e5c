/**
 * Links that have no `href` until they are used. A page with speculation rules prefetches links,
 * ours included, on hover or at once; each would tell its target that the answer was read.
 */
import { checkedAddress, type Address } from "./address";

const ADDRESS = "data-address";

export function createLink(address: Address): HTMLAnchorElement {
  const link = document.createElement("a");
  link.setAttribute("role", "link");
  link.tabIndex = 0;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  link.setAttribute("referrerpolicy", "no-referrer");
  link.setAttribute(ADDRESS, address.href);
  return link;
}

/** The host after a label that does not name it. */
export function placeBeside(label: string, { place }: Address): HTMLElement | null {
  if (label.includes(place)) return null;
  const span = document.createElement("span");
  span.className = "place";
  span.textContent = ` (${place})`;
  return span;
}

/** Gives the links inside their address for the moment they are clicked, until the signal ends it. */
export function handleLinks(container: HTMLElement, signal: AbortSignal): void {
  for (const type of ["click", "auxclick", "contextmenu"] as const)
    container.addEventListener(type, lendAddress, { signal });
  container.addEventListener("keydown", clickByKey, { signal });
}

function linkAt(event: Event): HTMLAnchorElement | null {
  const target = event.target instanceof Element ? event.target : null;
  return target?.closest<HTMLAnchorElement>(`a[${ADDRESS}]`) ?? null;
}

function lendAddress(event: Event): void {
  const link = linkAt(event);
  const address = link && checkedAddress(link.getAttribute(ADDRESS) ?? "");
  if (!link || !address) return;
  link.href = address.href;
  // The browser follows the link, or opens its menu, right after the event.
  setTimeout(() => link.removeAttribute("href"));
}

/** Without an `href` a browser does not turn Enter into a click. */
function clickByKey(event: KeyboardEvent): void {
  const link = event.key === "Enter" && !event.isComposing ? linkAt(event) : null;
  if (!link) return;
  event.preventDefault();
  link.click();
}
