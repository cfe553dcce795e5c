/** Whether the place of a text can be scrolled to at all: left of a page and above it nobody gets. */

/** How far boxes are scrolled, in pixels. */
export interface Shift {
  readonly x: number;
  readonly y: number;
}

/** How far everything around an element is scrolled. */
export function scrolledBy(element: Element): Shift {
  const view = element.ownerDocument.defaultView;
  const shift = { x: view?.scrollX ?? 0, y: view?.scrollY ?? 0 };
  for (let box = element.parentElement; box?.parentElement; box = box.parentElement) {
    if (box === element.ownerDocument.body) continue;
    shift.x += box.scrollLeft;
    shift.y += box.scrollTop;
  }
  return shift;
}

/** Where nothing is laid out, as for a program without a window, everything is in reach. */
export function isOutOfReach(element: Element, style: CSSStyleDeclaration, shift: Shift): boolean {
  if (style.display === "contents") return false;
  const box = element.getBoundingClientRect();
  if (box.width < 1 && box.height < 1) return hasLayout(element.ownerDocument);
  if (box.bottom + shift.y <= 0) return true;
  return style.direction !== "rtl" && box.right + shift.x <= 0;
}

function hasLayout({ documentElement }: Document): boolean {
  return documentElement.getBoundingClientRect().width > 0;
}
