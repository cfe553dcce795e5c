/** Guards for what comes from the network: unknown until read here, tolerant of what is not known. */
import { isRecord, textAt, type Json } from "./records";
import type { Look } from "./types";

export { isRecord, textAt, type Json } from "./records";

const TEXTS = [
  "displayName",
  "welcomeMessage",
  "inputPlaceholder",
  "privacyUrl",
  "retentionNotice",
] as const;

const COLOR = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i;

/** A project's `chatWidgetConfig`, without the parts this widget has no use for. */
export function lookOfProject(body: Json): Look {
  return lookFrom(isRecord(body) && isRecord(body.chatWidgetConfig) ? body.chatWidgetConfig : {});
}

export function lookFrom(config: Readonly<Record<string, unknown>>): Look {
  const look: Look = {};
  for (const name of TEXTS) {
    const text = textAt(config, name);
    if (text) look[name] = text;
  }
  for (const name of ["brandColor", "brandColorDark"] as const) {
    const color = colorFrom(config[name]);
    if (color) look[name] = color;
  }
  const position = positionFrom(config.position);
  if (position) look.position = position;
  const { theme } = config;
  if (theme === "light" || theme === "dark" || theme === "auto") look.theme = theme;
  // An address of any other kind could run, or would lead nowhere.
  if (!/^https?:/i.test(look.privacyUrl ?? "")) delete look.privacyUrl;
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
