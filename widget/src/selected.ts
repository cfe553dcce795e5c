/** Keeps the page's last selection, since pressing a button or typing in the panel ends it. */
import type { Captured } from "./context/capture";

export interface Selected {
  range: Range;
  /** Without one of its own: in a shadow tree, or so long that asking for it would keep the page waiting. */
  hasPlace: boolean;
  /** What was in it when it came to rest, as far as that was looked at. */
  captured?: Captured | null;
}

/** A selection still moving is not offered; this long at rest it is. */
const REST_MS = 200;

/** A tap ends the selection just before the button it was for is pressed. */
const ENDED_MS = 700;

/** Further than any window reaches, and longer than what is asked for its place. */
export const FAR = 1e5;

/** Taken before the page puts something else in its place; the document's could be an image of that name. */
const select = globalThis.getSelection;

/**
 * Tells `changed` of a selection that came to rest, and null once it moves or ends. Fields are left
 * out, and so is whatever is selected inside `host`. Returns a function that gives the selection there
 * is, or was until just now. Until `signal` ends it.
 */
export function watchSelection(
  host: Element,
  changed: (selected: Selected | null) => void,
  signal: AbortSignal,
): () => Selected | null {
  let last: Selected | null = null;
  /** Infinity while something is selected. */
  let endedAt = 0;
  let isPressed = false;
  let isInside = false;
  let timer: ReturnType<typeof setTimeout>;
  const early = { capture: true, signal };

  const current = () => (endedAt == Infinity ? (last ??= read()) : null);
  const offer = () => isPressed || isInside || changed(current());
  const look = () => {
    if (isInside) return;
    if (select()?.type == "Range") {
      last = null;
      endedAt = Infinity;
    } else endedAt = Math.min(endedAt, Date.now());
    changed(null);
    clearTimeout(timer);
    timer = setTimeout(offer, REST_MS);
  };
  document.addEventListener("selectionchange", look, early);
  for (const type of ["pointerdown", "pointerup", "pointercancel", "keydown"])
    addEventListener(
      type,
      (event) => {
        isPressed = type == "pointerdown";
        // Where it began is what counts: one drawn over the page may end on what is ours.
        if (type == "pointerup") setTimeout(offer);
        else isInside = event.composedPath().includes(host);
      },
      early,
    );
  // Where the button stands is told by the range, which moves with the page.
  addEventListener("scroll", offer, early);
  // Something may have been selected before all this came.
  look();

  return () => current() ?? (endedAt + ENDED_MS > Date.now() ? last : null);
}

/** Whether keys and selections are a field's. Elements of the page may go by that name, and are a list then. */
export function isTyping(): boolean | undefined {
  return document.activeElement?.matches?.("input,textarea,select");
}

function read(): Selected | null {
  const selection = select();
  if (!selection?.rangeCount || isTyping()) return null;
  const range = selection.getRangeAt(0).cloneRange();
  const { length } = `${range}`.trim();
  return length || range.collapsed ? { range, hasPlace: length > 0 && length < FAR } : null;
}
