/** Guards for messages and conversations from the network: tolerant of what is not known. */
import { extrasOf } from "./extras";
import { partsText } from "./parts";
import { isRecord, textAt, type Json } from "./records";
import type { Feedback, StoredConversation, StoredMessage } from "./types";

function roleFrom(value: unknown): StoredMessage["role"] | null {
  return value === "user" || value === "assistant" || value === "human_agent" ? value : null;
}

/** The error kept with an answer that was stopped. */
const STOPPED = "Stopped before the end.";

function outcomeFrom({ status, error }: Record<string, unknown>): StoredMessage["outcome"] {
  if (status === "complete") return status;
  if (status === "streaming") return "cut";
  if (status !== "error") return null;
  return error === STOPPED ? "stopped" : "failed";
}

function feedbackFrom(value: unknown): Feedback | null {
  return value === "like" || value === "dislike" ? value : null;
}

export function messageFrom(value: unknown): StoredMessage | null {
  if (!isRecord(value)) return null;
  const id = textAt(value, "id");
  const role = roleFrom(value.role);
  if (!id || !role) return null;
  return {
    id,
    role,
    text: partsText(value.parts),
    outcome: outcomeFrom(value),
    feedback: feedbackFrom(value.feedback),
    personName: personNameAt(value),
    pageUrl: textAt(value, "pageUrl"),
    pageTitle: textAt(value, "pageTitle"),
    textSelection: textAt(value, "textSelection"),
    extras: extrasOf(value.parts),
  };
}

function personNameAt({ humanAgent }: Record<string, unknown>): string | null {
  return isRecord(humanAgent) ? textAt(humanAgent, "name") : null;
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
    isHumanHandled: body.isHumanHandled === true,
    personName: personNameAt(body),
    messages: messages.map(messageFrom).filter((message) => message !== null),
  };
}
