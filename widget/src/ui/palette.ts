/** The owner's colours in place of the marker's, with text on them that can be read. */
import type { MarkColors } from "../context/marks";
import type { Look } from "../core/types";

const INK = "#1d1b16";
/** On light paper and on dark, as in panel.css. */
const MARKERS = { "": "#ffe14a", "-dark": "#f2c94c" };
/** For text on colours that are dark, and on the few between on which neither reads well enough. */
const OTHERS = ["#ffffff", "#000000"];

/** WCAG 2.2, level AA, for text. */
const READABLE = 4.5;

type Rgb = [number, number, number];

/** Custom properties for the panel's outermost element. */
export function paletteOf(look: Look): Record<string, string> {
  const light = look.brandColor;
  const dark = look.brandColorDark ?? light;
  return { ...markerOf("", light), ...markerOf("-dark", dark) };
}

/** The marker as it is on the page itself: the panel's, by the same light. */
export function markOf(look: Look): { light: MarkColors; dark: MarkColors } {
  const palette = paletteOf(look);
  const of = (suffix: "" | "-dark") => ({
    marker: palette[`--brand${suffix}`] ?? MARKERS[suffix],
    ink: palette[`--on-brand${suffix}`] ?? INK,
  });
  const [light, dark] = [of(""), of("-dark")];
  const { theme } = look;
  return { light: theme === "dark" ? dark : light, dark: theme === "light" ? light : dark };
}

function markerOf(suffix: string, color: string | undefined): Record<string, string> {
  const rgb = color ? rgbOf(color) : null;
  if (!color || !rgb) return {};
  return {
    [`--brand${suffix}`]: color,
    [`--on-brand${suffix}`]:
      [INK, ...OTHERS].find((text) => contrast(rgb, text) >= READABLE) ?? INK,
  };
}

/** `#rgb` and `#rrggbb`; null for anything else. */
export function rgbOf(color: string): Rgb | null {
  const digits = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(color)?.[1];
  if (!digits) return null;
  const wide = digits.length === 3 ? [...digits].map((digit) => digit + digit).join("") : digits;
  return [0, 2, 4].map((at) => parseInt(wide.slice(at, at + 2), 16)) as Rgb;
}

/** Contrast ratio by WCAG 2.2. */
export function contrast(one: Rgb, other: string): number {
  const [low, high] = [luminance(one), luminance(rgbOf(other) ?? [0, 0, 0])].sort((a, b) => a - b);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}

function luminance(rgb: Rgb): number {
  const [red, green, blue] = rgb.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
