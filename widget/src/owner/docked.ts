/// <reference path="../ui/css.d.ts" />
/**
 * The panel along a side of the window, and the page making room for it. The page's own styles are
 * left as they are: a constructed sheet beside them gives a margin, and goes when the panel does.
 */
import css from "./docked.css?inline";

/** In a narrower window the panel lies over the page: what would be left of it is not worth reading. */
const ROOM_PX = 800;

export interface Dock {
  turn(isOpen: boolean): void;
  /** The panel may have changed its side. */
  place(): void;
}

/** `root` holds the panel; `container` selects what makes room, where that is not the whole page. */
export function dock(root: ShadowRoot, container: string | undefined): Dock {
  const panel = root.querySelector<HTMLElement>(".asklight");
  const own = new CSSStyleSheet();
  own.replaceSync(css);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, own];
  panel?.classList.add("docked");
  // It stands beside the page and interrupts nothing.
  panel?.setAttribute("role", "complementary");
  const room = new CSSStyleSheet();
  const place = () =>
    makeRoom(room, panel?.classList.contains("left") ? "left" : "right", container);
  place();
  return {
    place,
    turn: (isOpen) => {
      const others = document.adoptedStyleSheets.filter((sheet) => sheet !== room);
      document.adoptedStyleSheets = isOpen ? [...others, room] : others;
    },
  };
}

function makeRoom(sheet: CSSStyleSheet, side: string, container: string | undefined): void {
  const width = "var(--asklight-width,400px)";
  sheet.replaceSync(
    `@media screen and (min-width:${ROOM_PX}px){html{margin-${side}:${width}!important}}`,
  );
  if (!container) return;
  for (const media of sheet.cssRules)
    for (const rule of (media as CSSMediaRule).cssRules)
      // A faulty selector changes nothing: then the whole page makes room.
      (rule as CSSStyleRule).selectorText = container;
}
