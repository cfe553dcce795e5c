/**
 * The plain colour text stands on, as far as computed styles alone tell. An image, a gradient, a
 * shadow or another layer could be behind it too: then nothing is known, and the text counts as seen.
 */

export type Rgb = readonly [number, number, number];

/** Null: not known. */
export type Backdrop = Rgb | null;

const PAPER: Rgb = [255, 255, 255];

/** Colours as near as this cannot be told apart. */
const SAME = 8;

/** What is behind the text of an element, given what is behind the element. */
export function backdropIn(style: CSSStyleDeclaration, behind: Backdrop): Backdrop {
  if (style.backgroundImage && style.backgroundImage !== "none") return null;
  const own = rgbOf(style.backgroundColor);
  if (own) return own;
  // Half transparent, or a layer that may lie over anything.
  if (style.backgroundColor && !/^(transparent|rgba\(.*, 0\))$/.test(style.backgroundColor))
    return null;
  if (style.position && style.position !== "static") return null;
  return behind;
}

/** What is behind the first element of a walk. */
export function backdropBehind(element: Element): Backdrop {
  const parent = element.parentElement;
  if (parent) return backdropIn(getComputedStyle(parent), backdropBehind(parent));
  return getComputedStyle(element).colorScheme?.includes("dark") ? null : PAPER;
}

export function isAlmost(color: string, backdrop: Backdrop): boolean {
  const rgb = backdrop && rgbOf(color);
  if (!rgb) return false;
  return rgb.every((channel, at) => Math.abs(channel - (backdrop[at] ?? 0)) <= SAME);
}

/** Opaque colours, as browsers compute them. */
function rgbOf(color: string): Rgb | null {
  const channels = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(color);
  return channels && [Number(channels[1]), Number(channels[2]), Number(channels[3])];
}
