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

/**
 * Gives the links inside their address for the moment they are clicked, until the signal ends it.
 * Where `showPassage` says that it has shown what an address leads to, a click goes no further.
 */
export function handleLinks(
  container: HTMLElement,
  signal: AbortSignal,
  showPassage: (address: string) => boolean = () => false,
): void {
  const shows = (event: MouseEvent) => {
    const address = isPlainClick(event) && linkAt(event)?.getAttribute(ADDRESS);
    return !!address && showPassage(address);
  };
  container.addEventListener(
    "click",
    (event) => (shows(event) ? event.preventDefault() : lendAddress(event)),
    { signal },
  );
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
