/**
 * Sees a page become another one without being loaded anew. The Navigation API tells; where there is
 * none, the history's events do, and for what a page does by script, which fires no event, the
 * visitor's own: such a change follows a click or a key. Nothing is asked for in between.
 */
import { pageOf } from "../core/attachments";

interface Navigated extends Event {
  readonly navigationType: string | null;
}

/** What a page does upon a click or key is done by then. */
const SETTLED_MS = 300;

export function watchNavigation(changed: () => void, signal?: AbortSignal): void {
  const life = signal ? { signal } : {};
  let address = location.href;
  const look = (isReplaced: boolean) => {
    const before = address;
    address = location.href;
    if (pageOf(before) === pageOf(address)) return;
    // An address tidied up in place, as when a page drops what a link was tagged with.
    if (isReplaced && pathOf(before) === pathOf(address)) return;
    changed();
  };
  const { navigation } = window as { navigation?: EventTarget };
  if (navigation) {
    const entered = (event: Event) => look((event as Navigated).navigationType === "replace");
    navigation.addEventListener("currententrychange", entered, life);
    return;
  }
  let entries = history.length;
  const lookLater = () => {
    const isReplaced = history.length === entries;
    entries = history.length;
    look(isReplaced);
  };
  // A place in the page fires this too, and says more with the event that follows.
  addEventListener("popstate", () => setTimeout(look, 0, false), life);
  addEventListener(
    "hashchange",
    ({ oldURL }) => {
      address = oldURL;
      entries = history.length;
      look(false);
    },
    life,
  );
  for (const type of ["click", "keyup"])
    addEventListener(type, () => setTimeout(lookLater, SETTLED_MS), { ...life, capture: true });
}

function pathOf(address: string): string {
  return address.replace(/[?#].*/, "");
}
