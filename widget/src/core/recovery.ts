/** Where a question or an answer may still be found after its connection was lost. */
import type { Assistant } from "./assistant";
import type { Conversation, Question } from "./conversation";
import type { StoredMessage } from "./types";

/** The last message of the stored conversation, if it is an answer, or null. Not finding it is no error. */
export async function storedAnswer(
  assistant: Assistant,
  conversation: string,
): Promise<StoredMessage | null> {
  try {
    const last = (await assistant.conversation(conversation)).messages.at(-1);
    return last?.role === "assistant" ? last : null;
  } catch {
    return null;
  }
}

/** A question that stands in the history, and its answer as far as it is there. */
export interface Found {
  answer: StoredMessage | null;
}

/**
 * Whether a question whose sending broke off has arrived: it is the last one in the history, and
 * was not there before. Throws where the history cannot be read.
 */
export async function findQuestion(
  assistant: Assistant,
  { id, entries }: Conversation,
  question: Pick<Question, "id" | "text">,
): Promise<Found | null> {
  if (!id) return null;
  const { messages } = await assistant.conversation(id);
  const place = messages.findLastIndex(({ role }) => role === "user");
  const last = messages[place];
  if (last?.text !== question.text || entries.some((entry) => entry.id === last.id)) return null;
  const before = entries.findLast(
    (entry) => entry.kind === "question" && entry.id !== question.id && entry.state === "sent",
  );
  // Asked twice in the same words: which of them it is cannot be told.
  if (before?.kind === "question" && before.text === question.text) return null;
  const answer = messages.slice(place + 1).findLast(({ role }) => role === "assistant");
  return { answer: answer ?? null };
}

/** Waits, less where the browser says that it is online again, and longer as long as it says that it is not. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = new AbortController();
    const done = () => {
      end.abort();
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => isOffline() || done(), milliseconds);
    globalThis.addEventListener?.("online", done, { signal: end.signal });
    signal.addEventListener("abort", done, { signal: end.signal });
    if (signal.aborted) done();
  });
}

/** Whether the browser knows that it is offline; what is no browser does not. */
function isOffline(): boolean {
  return globalThis.navigator?.onLine === false;
}
