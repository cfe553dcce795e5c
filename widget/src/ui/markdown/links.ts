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

/**
 * Whether a label is the address itself, so that the place need not be said again. That the place
 * stands somewhere in it is not enough: `good.example/evil.example` would be a label for either.
 */
export function saysPlace(label: string, { place }: Address): boolean {
  const start = label.trim().replace(/^(?:https?:\/\/|mailto:)/i, "");
  if (!start.toLowerCase().startsWith(place.toLowerCase())) return false;
  return /^(?:[/?#]|$)/.test(start.slice(place.length));
}

/** The host after a label that does not say it. */
export function placeBeside(label: string, address: Address): HTMLElement | null {
  if (saysPlace(label, address)) return null;
  const { place } = address;
  const span = document.createElement("span");
  span.className = "place";
  span.textContent = ` (${place})`;
  return span;
}

/** Shows the passage of this page an address leads to, and tells whether it did; null: it leads to none. */
export type ShowPassage = (address: string) => Promise<boolean> | null;

/**
 * Gives the links inside their address for the moment they are clicked, until the signal ends it.
 * One that leads to a passage of this page goes no further where that is shown.
 */
export function handleLinks(
  container: HTMLElement,
  signal: AbortSignal,
  showPassage: ShowPassage = () => null,
): void {
  const clicked = (event: MouseEvent) => {
    const address = isPlainClick(event) ? addressAt(event) : null;
    const showing = address && showPassage(address.href);
    if (!showing) return lendAddress(event);
    event.preventDefault();
    void showing.then((isShown) => isShown || follow(address));
  };
  container.addEventListener("click", clicked, { signal });
  for (const type of ["auxclick", "contextmenu"] as const)
    container.addEventListener(type, lendAddress, { signal });
  container.addEventListener("keydown", clickByKey, { signal });
}

/** With any of these keys a click asks for a tab, a window or a download. */
function isPlainClick({ ctrlKey, metaKey, shiftKey, altKey }: MouseEvent): boolean {
  return !ctrlKey && !metaKey && !shiftKey && !altKey;
}

function linkAt(event: Event): HTMLAnchorElement | null {
  const target = event.target instanceof Element ? event.target : null;
  return target?.closest<HTMLAnchorElement>(`a[${ADDRESS}]`) ?? null;
}

function addressAt(event: Event): Address | null {
  return checkedAddress(linkAt(event)?.getAttribute(ADDRESS) ?? "");
}

/** Opens an address after all, as the click on its link would have. */
function follow(address: Address): void {
  const link = createLink(address);
  link.href = address.href;
  link.click();
}

function lendAddress(event: Event): void {
  const link = linkAt(event);
  const address = addressAt(event);
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
