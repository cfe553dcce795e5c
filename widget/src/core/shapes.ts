/** Guards for what comes from the network: unknown until read here, tolerant of what is not known. */
import { isRecord, textAt, type Json } from "./records";
import type { Look } from "./types";

export { isRecord, textAt, type Json } from "./records";

const COLOR = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i;

/** `chatWidgetConfig` of a project, without the parts this widget has no use for. */
export function lookFrom(body: Json): Look {
  const config = isRecord(body) && isRecord(body.chatWidgetConfig) ? body.chatWidgetConfig : {};
  const look: Look = {};
  for (const name of ["displayName", "welcomeMessage", "inputPlaceholder"] as const) {
    const text = textAt(config, name);
    if (text) look[name] = text;
  }
  for (const name of ["brandColor", "brandColorDark"] as const) {
    const color = colorFrom(config[name]);
    if (color) look[name] = color;
  }
  const position = positionFrom(config.position);
  if (position) look.position = position;
  return look;
}

/** `#rgb` or `#rrggbb`, or null. */
export function colorFrom(value: unknown): string | null {
  return typeof value === "string" && COLOR.test(value) ? value : null;
}

export function positionFrom(value: unknown): Look["position"] | null {
  return value === "bottom-left" || value === "bottom-right" ? value : null;
}

/** A session token from `identity/init`, or null. */
export function tokenFrom(body: Json): string | null {
  return isRecord(body) ? textAt(body, "sessionToken") : null;
}
