/** Whether a person looking at the page sees an element. */
import { isAlmost, type Backdrop } from "./backdrop";

export type Sight =
  /** The element and everything in it is out of sight. */
  | "none"
  /** Its own text is out of sight; an element in it may not be. */
  | "descendants"
  | "all";

const CLIPPED_AWAY = /^(rect\((0|1)px[, ]|inset\((50|100)%|circle\(0|ellipse\(0)/;
const FILTERED_AWAY = /opacity\(0(?:\.0\d*)?%?\)/;

/** Fainter than this nobody reads it. */
const LEAST_OPACITY = 0.06;

/** Smaller than this nobody reads it. */
const LEAST_FONT_PX = 2;

/** Text pushed further than this out of its place was not meant to be seen. */
const OFFSCREEN_PX = -999;

const TRANSPARENT = /^(transparent|rgba\(.*, 0\))$/;

function isOutOfFlow(style: CSSStyleDeclaration): boolean {
  return style.position === "absolute" || style.position === "fixed";
}

function isPushedAway(style: CSSStyleDeclaration): boolean {
  if (parseFloat(style.textIndent) < OFFSCREEN_PX) return true;
  if (!isOutOfFlow(style)) return false;
  return parseFloat(style.left) < OFFSCREEN_PX || parseFloat(style.top) < OFFSCREEN_PX;
}

/** The usual "for screen readers only" recipes, and boxes without room for what is in them. */
function isClippedAway(style: CSSStyleDeclaration): boolean {
  if (CLIPPED_AWAY.test(style.clipPath)) return true;
  if (isOutOfFlow(style) && CLIPPED_AWAY.test(style.clip)) return true;
  if (!/hidden|clip/.test(style.overflow) || style.display === "inline") return false;
  return parseFloat(style.width) <= 1 || parseFloat(style.height) <= 1;
}

function isFaint(style: CSSStyleDeclaration): boolean {
  if (style.opacity !== "" && Number(style.opacity) < LEAST_OPACITY) return true;
  return FILTERED_AWAY.test(style.filter);
}

/** Letters without colour of their own may still be cut out of a background. */
function isColourless(style: CSSStyleDeclaration, backdrop: Backdrop): boolean {
  if (/text/.test(style.backgroundClip || style.webkitBackgroundClip)) return false;
  if (TRANSPARENT.test(style.webkitTextFillColor || style.color)) return true;
  if (style.textShadow && style.textShadow !== "none") return false;
  return isAlmost(style.webkitTextFillColor || style.color, backdrop);
}

/** `backdrop` is the plain colour the element's text stands on, where that is known. */
export function sightOf(style: CSSStyleDeclaration, backdrop: Backdrop): Sight {
  if (style.display === "none" || style.contentVisibility === "hidden") return "none";
  if (isFaint(style) || isClippedAway(style) || isPushedAway(style)) return "none";
  if (style.visibility === "hidden" || style.visibility === "collapse") return "descendants";
  if (parseFloat(style.fontSize) < LEAST_FONT_PX) return "descendants";
  return isColourless(style, backdrop) ? "descendants" : "all";
}
