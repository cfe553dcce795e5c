/**
 * Marks a passage of the page with the marker's stroke until Escape or the next click. Nothing of the
 * page's own is changed but what is folded away: a highlight of the browser's, with a constructed
 * sheet, which every content policy allows. A browser without highlights gets a selection.
 */

export interface Marker {
  background: string;
  color: string;
}

const NAME = "asklight-passage";

let shown = new AbortController();

export function markPassage(range: Range, marker: Marker): void {
  shown.abort();
  shown = new AbortController();
  unfold(range);
  if ("highlights" in CSS) highlight(range, marker, shown.signal);
  else select(range, shown.signal);
  scrollTo(range);
  endWith(shown);
}

function unfold({ startContainer }: Range): void {
  let folded = startContainer.parentElement?.closest<HTMLDetailsElement>("details:not([open])");
  while (folded) {
    folded.open = true;
    folded = folded.parentElement?.closest<HTMLDetailsElement>("details:not([open])");
  }
}

function highlight(range: Range, { background, color }: Marker, signal: AbortSignal): void {
  const root = range.startContainer.getRootNode() as Document | ShadowRoot;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    `::highlight(${NAME}) { background-color: ${background}; color: ${color}; }` +
      `@media (forced-colors: active) { ::highlight(${NAME}) { background-color: Mark; color: MarkText; } }`,
  );
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  CSS.highlights.set(NAME, new Highlight(range));
  signal.addEventListener("abort", () => {
    CSS.highlights.delete(NAME);
    root.adoptedStyleSheets = root.adoptedStyleSheets.filter((other) => other !== sheet);
  });
}

function select(range: Range, signal: AbortSignal): void {
  const selection = getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
  signal.addEventListener("abort", () => selection?.removeAllRanges());
}

function scrollTo({ startContainer }: Range): void {
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const behavior = isStill ? "instant" : "smooth";
  startContainer.parentElement?.scrollIntoView({ block: "center", behavior });
}

function endWith(life: AbortController): void {
  const end = () => life.abort();
  const byKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.isComposing) return;
    // This Escape was for the mark; the panel stays.
    event.stopImmediatePropagation();
    end();
  };
  const { signal } = life;
  window.addEventListener("keydown", byKey, { capture: true, signal });
  // The click that asked for it is still on its way.
  setTimeout(() => window.addEventListener("click", end, { capture: true, once: true, signal }));
}
