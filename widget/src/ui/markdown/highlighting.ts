/**
 * Colours blocks of code that are complete, when the page has nothing better to do. What does it is
 * loaded with the first block of a language it knows.
 */
import { codeIn, languageIn } from "./code";

/** Colouring longer code takes too long at once; it stays readable without. */
const LENGTH = 12_000;

const coloured = new WeakSet<Element>();

export function highlightCode(elements: readonly Element[]): void {
  for (const element of elements) {
    const boxes = element.className === "code" ? [element] : element.querySelectorAll(".code");
    for (const box of boxes) if (!coloured.has(box)) highlightBox(box);
  }
}

function highlightBox(box: Element): void {
  coloured.add(box);
  const language = languageIn(box);
  const code = codeIn(box);
  if (!language || !code || code.textContent.length > LENGTH) return;
  whenIdle(() => {
    void import("./highlight/highlight")
      .then(({ highlight }) => highlight(code, language))
      .catch((error: unknown) => console.warn("Asklight: code is shown without colours", error));
  });
}

function whenIdle(action: () => void): void {
  if ("requestIdleCallback" in window) requestIdleCallback(action, { timeout: 1_000 });
  else setTimeout(action, 50);
}
