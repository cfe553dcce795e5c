/** Whether a person looking at the page sees an element, judged by its computed style alone. */

export type Sight =
  /** The element and everything in it is out of sight. */
  | "none"
  /** Its own text is out of sight; an element in it may not be. */
  | "descendants"
  | "all";

const CLIPPED_AWAY = /^rect\((0|1)px[, ]|^inset\((50|100)%/;

/** Text pushed further than this out of its place was not meant to be seen. */
const OFFSCREEN_PX = -999;

function isPushedAway(style: CSSStyleDeclaration): boolean {
  if (parseFloat(style.textIndent) < OFFSCREEN_PX) return true;
  if (style.position !== "absolute" && style.position !== "fixed") return false;
  return parseFloat(style.left) < OFFSCREEN_PX || parseFloat(style.top) < OFFSCREEN_PX;
}

/** The usual "for screen readers only" recipes: a clipped box out of the flow. */
function isClippedAway(style: CSSStyleDeclaration): boolean {
  if (style.position !== "absolute" && style.position !== "fixed") return false;
  return CLIPPED_AWAY.test(style.clip) || CLIPPED_AWAY.test(style.clipPath);
}

export function sightOf(style: CSSStyleDeclaration): Sight {
  if (style.display === "none" || style.contentVisibility === "hidden") return "none";
  if (style.opacity === "0") return "none";
  if (isClippedAway(style) || isPushedAway(style)) return "none";
  if (style.visibility === "hidden" || style.visibility === "collapse") return "descendants";
  if (style.fontSize === "0px" || style.color === "rgba(0, 0, 0, 0)") return "descendants";
  return "all";
}
