/** Where an answer may still be found after its connection was lost. Failing to find it is no error. */
import type { Client } from "./client";
import type { AnswerEvent } from "./stream";
import type { StoredMessage } from "./types";

/** The answer being written in a conversation, from its beginning, or null. */
export async function runningAnswer(
  client: Client,
  conversation: string,
  signal: AbortSignal,
): Promise<AsyncGenerator<AnswerEvent> | null> {
  try {
    return await client.resume(conversation, signal);
  } catch {
    return null;
  }
}

/** The last message of the stored conversation, if it is an answer, or null. */
export async function storedAnswer(
  client: Client,
  conversation: string,
): Promise<StoredMessage | null> {
  try {
    const last = (await client.conversation(conversation)).messages.at(-1);
    return last?.role === "assistant" ? last : null;
  } catch {
    return null;
  }
}
