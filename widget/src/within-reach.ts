/**
 * While a modal dialog is open nothing outside of it can be pressed, and what is shown full screen lies over
 * all else. So the widget joins either when something in it was selected, and goes home when that is over.
 */
const ON_TOP = ":modal,:fullscreen";

/** Stands `host` where it can be reached by whoever selected something at `node`. Until `signal` ends it. */
export function keepWithinReach(host: HTMLElement, node: Node, signal: AbortSignal): void {
  const around = onTopAround(node);
  if (!around || around.contains(host)) return;
  stand(host, around);
  const over = new AbortController();
  const look = () => {
    if (around.isConnected && around.matches(ON_TOP)) return;
    over.abort();
    stand(host, document.documentElement);
  };
  const end = AbortSignal.any([over.signal, signal]);
  const observer = new MutationObserver(look);
  observer.observe(document, { subtree: true, childList: true, attributeFilter: ["open"] });
  document.addEventListener("fullscreenchange", look, { signal: end });
  end.addEventListener("abort", () => observer.disconnect());
}

/** Outside of shadow trees too. */
function onTopAround(node: Node): Element | null {
  const element = node instanceof Element ? node : node.parentElement;
  const found = element?.closest(ON_TOP);
  if (found) return found;
  const root = node.getRootNode();
  return root instanceof ShadowRoot ? onTopAround(root.host) : null;
}

/** Last of all again, in the browser's top layer too. */
function stand(host: HTMLElement, parent: Element): void {
  parent.append(host);
  host.showPopover?.();
}
