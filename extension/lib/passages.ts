/** Which of a page's selections the user means. */
import type { Passage } from "@asklight/widget";

function bare(text: string): string {
  return text.replace(/\s+/g, "");
}

/**
 * The selections to ask about. Frames keep selections of their own, so there may be several; the
 * context menu names the one that was clicked, and only it counts then. Where no script could
 * reach that one (a frame of another site, a PDF), the menu's words alone stand for it.
 */
export function chosenPassages(found: readonly Passage[], menuText: string | null): Passage[] {
  const clicked = bare(menuText ?? "");
  if (menuText === null || clicked === "") return [...found];
  const same = found.find(({ text }) => bare(text) === clicked);
  return [same ?? { text: menuText.trim(), paragraph: null }];
}
