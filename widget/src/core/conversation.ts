/** The conversation as the panel shows it. */
import type { Failure } from "./failure";
import type { AnswerExtras, Feedback, Outcome, PageContext } from "./types";

export interface Question {
  kind: "question";
  id: string;
  text: string;
  /** What left the page with it: its receipt. Of stored questions the content is not known. */
  context: PageContext | null;
  /** It went before the page had been read, and so perhaps without it. */
  isEarly?: boolean;
  /** `Idempotency-Key` of its last sending. */
  key: string;
  /** `waiting`: for what goes along; it is shown, and nothing has left. */
  state: "waiting" | "sending" | "sent" | "failed";
  /** Why it was not accepted, while `failed`. */
  failure: Failure | null;
}

export interface Answer {
  kind: "answer";
  id: string;
  /** The server's id, needed for feedback; null until known. */
  messageId: string | null;
  /** The question it answers, by id, or null in a stored conversation that lacks it. */
  questionId: string | null;
  text: string;
  extras: AnswerExtras;
  state: "streaming" | Outcome;
  feedback: Feedback | null;
}

export interface Person {
  kind: "person";
  id: string;
  name: string | null;
  text: string;
}

/** A line of ours between the messages; the words are chosen where it is shown. */
export interface Notice {
  kind: "notice";
  id: string;
  notice: NoticeName;
}

export type NoticeName =
  | "person-took-over"
  | "chat-lost"
  | "chat-unreachable"
  /** The session ended: what stands above is no longer known to the assistant. */
  | "began-anew"
  /** The conversation was closed; the next question starts another. */
  | "chat-closed";

export type Entry = Question | Answer | Person | Notice;

export interface Conversation {
  /** The server's id, or null before the first question. */
  id: string | null;
  entries: readonly Entry[];
  /** `sending`: a question is on its way. `streaming`: its answer is coming. */
  activity: "idle" | "loading" | "sending" | "streaming" | "stopping";
  /** The answer's connection was lost and is being made again. */
  isReconnecting: boolean;
  /** Who has taken over, while a person answers; `name` null where it is not known. */
  person: { name: string | null } | null;
  /** Another tab did what changed last: the page is told of it there. */
  isHeard?: boolean | undefined;
}

export const EMPTY: Conversation = {
  id: null,
  entries: [],
  activity: "idle",
  isReconnecting: false,
  person: null,
};

/** The answer still being written, or null. */
export function openAnswer(state: Conversation): Answer | null {
  const last = state.entries.at(-1);
  return last?.kind === "answer" && last.state === "streaming" ? last : null;
}

export function questionOf(state: Conversation, id: string | null): Question | null {
  const found = state.entries.find((entry) => entry.kind === "question" && entry.id === id);
  return found?.kind === "question" ? found : null;
}
