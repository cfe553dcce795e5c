/** Guards for what comes from the network: unknown until read here, tolerant of what is not known. */
import { extrasOf } from "./extras";
import { isRecord, textAt, type Json } from "./records";
import type { Feedback, Look, StoredConversation, StoredMessage } from "./types";

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

function roleFrom(value: unknown): StoredMessage["role"] | null {
  return value === "user" || value === "assistant" || value === "human_agent" ? value : null;
}

function statusFrom(value: unknown): StoredMessage["status"] {
  return value === "complete" || value === "streaming" || value === "error" ? value : null;
}

function feedbackFrom(value: unknown): Feedback | null {
  return value === "like" || value === "dislike" ? value : null;
}

/** The text parts of a message, a blank line between them. */
function partsText(parts: unknown): string {
  if (!Array.isArray(parts)) return "";
  const texts = parts.map((part) =>
    isRecord(part) && part.type === "text" ? (textAt(part, "text") ?? "") : "",
  );
  return texts.filter(Boolean).join("\n\n");
}

function messageFrom(value: unknown): StoredMessage | null {
  if (!isRecord(value)) return null;
  const id = textAt(value, "id");
  const role = roleFrom(value.role);
  if (!id || !role) return null;
  return {
    id,
    role,
    text: partsText(value.parts),
    status: statusFrom(value.status),
    feedback: feedbackFrom(value.feedback),
    personName: isRecord(value.humanAgent) ? textAt(value.humanAgent, "name") : null,
    pageUrl: textAt(value, "pageUrl"),
    pageTitle: textAt(value, "pageTitle"),
    textSelection: textAt(value, "textSelection"),
    extras: extrasOf(value.parts),
  };
}

/** A conversation, or null where the body is none. Messages that cannot be read are left out. */
export function conversationFrom(body: Json): StoredConversation | null {
  if (!isRecord(body)) return null;
  const id = textAt(body, "id");
  if (!id) return null;
  const messages = Array.isArray(body.messages) ? body.messages : [];
  return {
    id,
    isOpen: body.status !== "closed",
    messages: messages.map(messageFrom).filter((message) => message !== null),
  };
}

/** A session token from `identity/init`, or null. */
export function tokenFrom(body: Json): string | null {
  return isRecord(body) ? textAt(body, "sessionToken") : null;
}
