/** Keeps the page's last selection, since pressing a button or typing in the panel ends it. */

export interface Selected {
  text: string;
  range: Range;
}

/** A selection still moving is not offered; this long at rest it is. */
const REST_MS = 200;

/** A tap ends the selection just before the button it was for is pressed. */
const ENDED_MS = 700;

/**
 * Tells `changed` of a selection that came to rest, and null once it moves or ends. Fields are left
 * out, and so is whatever is selected inside `host`. Returns a function that gives the selection there
 * is, or was until just now.
 */
export function watchSelection(
  host: Element,
  changed: (selected: Selected | null) => void,
): () => Selected | null {
  let last: Selected | null = null;
  let endedAt = 0;
  let isPressed = false;
  let isInside = false;
  let timer: ReturnType<typeof setTimeout>;

  const offer = () => !isPressed && !isInside && changed(read());
  document.addEventListener("selectionchange", () => {
    if (isInside) return;
    const selected = read();
    if (selected) last = selected;
    endedAt = selected ? Infinity : Math.min(endedAt, Date.now());
    changed(null);
    clearTimeout(timer);
    timer = setTimeout(offer, REST_MS);
  });
  for (const type of ["pointerdown", "pointerup", "pointercancel", "keydown"])
    addEventListener(
      type,
      (event) => {
        isInside = event.composedPath().includes(host);
        isPressed = type == "pointerdown";
        if (type == "pointerup") setTimeout(offer);
      },
      true,
    );
  // Where the button stands is told by the range, which moves with the page.
  addEventListener("scroll", offer, true);

  return () => (endedAt + ENDED_MS > Date.now() ? last : null);
}

function read(): Selected | null {
  const selection = getSelection();
  const text = String(selection).trim();
  const isTyping = document.activeElement?.matches("input,textarea,select");
  return text && !isTyping && selection?.rangeCount
    ? { text, range: selection.getRangeAt(0).cloneRange() }
    : null;
}
