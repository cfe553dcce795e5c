/**
 * The conversation as the panel shows it: a state and the events that change it, without effects.
 * A question leaves the state only by `cleared` and `withdrawn`, an answer only by `cleared`.
 */
import type { Failure } from "./failure";
import type { Outcome } from "./stream";
import { NO_EXTRAS, withButton, withSource } from "./extras";
import type {
  AnswerExtras,
  Feedback,
  LinkButton,
  PageContext,
  Source,
  StoredConversation,
  StoredMessage,
} from "./types";

export interface Question {
  kind: "question";
  id: string;
  text: string;
  /** What left the page with it: its receipt. Of stored questions the content is not known. */
  context: PageContext | null;
  /** `Idempotency-Key` of its last sending. */
  key: string;
  state: "sending" | "sent" | "failed";
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
  notice: "person-took-over" | "chat-lost" | "chat-unreachable";
}

export type Entry = Question | Answer | Person | Notice;

export interface Conversation {
  /** The server's id, or null before the first question. */
  id: string | null;
  entries: readonly Entry[];
  /** `sending`: a question is on its way. `streaming`: its answer is coming. */
  activity: "idle" | "loading" | "sending" | "streaming" | "stopping";
}

export const EMPTY: Conversation = { id: null, entries: [], activity: "idle" };

export type Change =
  /** An earlier conversation is being fetched; `restored` or `settled` follows. */
  | { type: "loading" }
  | { type: "restored"; stored: StoredConversation }
  | { type: "started"; id: string }
  | { type: "asked"; question: Question }
  /** A question that was not accepted goes back into the composer. */
  | { type: "withdrawn"; questionId: string }
  | { type: "refused"; questionId: string; failure: Failure }
  /** An answer begins; `replaces` names the stored piece of it that it starts over from. */
  | { type: "answering"; questionId: string | null; answerId: string; replaces?: string }
  | { type: "named"; answerId: string; messageId: string }
  | { type: "text"; delta: string }
  | { type: "reasoning"; delta: string }
  | { type: "source"; source: Source }
  | { type: "button"; button: LinkButton }
  /** What a stored answer brings besides its text. */
  | { type: "extras"; extras: AnswerExtras }
  /** The answer is sent again from its beginning. */
  | { type: "replayed" }
  | { type: "stopping" }
  | { type: "ended"; outcome: Outcome }
  | { type: "handed-over"; questionId: string; notice: Notice }
  | { type: "noticed"; notice: Notice }
  | { type: "rated"; answerId: string; feedback: Feedback | null }
  | { type: "settled" }
  | { type: "cleared" };

export function reduce(state: Conversation, change: Change): Conversation {
  switch (change.type) {
    case "loading":
      return { ...state, activity: "loading" };
    case "restored":
      return {
        // A closed conversation can be read; the next question starts another.
        id: change.stored.isOpen ? change.stored.id : null,
        entries: entriesOf(change.stored.messages),
        activity: "idle",
      };
    case "started":
      return { ...state, id: change.id };
    case "asked":
      return { ...state, entries: ask(state.entries, change.question), activity: "sending" };
    case "withdrawn":
      return { ...state, entries: state.entries.filter(({ id }) => id !== change.questionId) };
    case "refused":
      return { ...refuse(state, change.questionId, change.failure), activity: "idle" };
    case "answering":
      return answer(state, change);
    case "named":
      return changeAnswer(state, change.answerId, { messageId: change.messageId });
    case "text":
      return changeLast(state, (last) => ({ ...last, text: last.text + change.delta }));
    case "reasoning":
      return changeExtras(state, (extras) => ({
        ...extras,
        reasoning: extras.reasoning + change.delta,
      }));
    case "source":
      return changeExtras(state, (extras) => withSource(extras, change.source));
    case "button":
      return changeExtras(state, (extras) => withButton(extras, change.button));
    case "extras":
      return changeExtras(state, () => change.extras);
    case "replayed":
      return changeLast(state, (last) => ({ ...last, text: "", extras: NO_EXTRAS }));
    case "stopping":
      return state.activity === "idle" ? state : { ...state, activity: "stopping" };
    case "ended":
      return {
        ...changeLast(state, (last) => ({ ...last, state: change.outcome })),
        activity: "idle",
      };
    case "handed-over":
      return {
        ...state,
        entries: [...accept(state.entries, change.questionId), change.notice],
        activity: "idle",
      };
    case "noticed":
      return { ...state, entries: [...state.entries, change.notice] };
    case "rated":
      return changeAnswer(state, change.answerId, { feedback: change.feedback });
    case "settled":
      return { ...state, activity: "idle" };
    case "cleared":
      return EMPTY;
  }
}

/** The answer still being written, or null. */
export function openAnswer(state: Conversation): Answer | null {
  const last = state.entries.at(-1);
  return last?.kind === "answer" && last.state === "streaming" ? last : null;
}

export function questionOf(state: Conversation, id: string | null): Question | null {
  const found = state.entries.find((entry) => entry.kind === "question" && entry.id === id);
  return found?.kind === "question" ? found : null;
}

/** A question that is asked again moves to the end, where its answer will stand. */
function ask(entries: readonly Entry[], question: Question): Entry[] {
  return [...entries.filter(({ id }) => id !== question.id), question];
}

function accept(entries: readonly Entry[], questionId: string | null): Entry[] {
  return entries.map((entry) =>
    entry.kind === "question" && entry.id === questionId
      ? { ...entry, state: "sent", failure: null }
      : entry,
  );
}

function refuse(state: Conversation, questionId: string, failure: Failure): Conversation {
  const entries = state.entries.map((entry) =>
    entry.kind === "question" && entry.id === questionId
      ? { ...entry, state: "failed" as const, failure }
      : entry,
  );
  return { ...state, entries };
}

function answer(
  state: Conversation,
  { questionId, answerId, replaces }: Extract<Change, { type: "answering" }>,
): Conversation {
  const entries = accept(state.entries, questionId).filter(({ id }) => id !== replaces);
  const entry: Answer = {
    kind: "answer",
    id: answerId,
    messageId: null,
    questionId,
    text: "",
    extras: NO_EXTRAS,
    state: "streaming",
    feedback: null,
  };
  return { ...state, entries: [...entries, entry], activity: "streaming" };
}

function changeAnswer(state: Conversation, id: string, change: Partial<Answer>): Conversation {
  const entries = state.entries.map((entry) =>
    entry.kind === "answer" && entry.id === id ? { ...entry, ...change } : entry,
  );
  return { ...state, entries };
}

function changeLast(state: Conversation, change: (last: Answer) => Answer): Conversation {
  const last = openAnswer(state);
  if (!last) return state;
  return { ...state, entries: [...state.entries.slice(0, -1), change(last)] };
}

function changeExtras(
  state: Conversation,
  change: (extras: AnswerExtras) => AnswerExtras,
): Conversation {
  return changeLast(state, (last) => ({ ...last, extras: change(last.extras) }));
}

function entriesOf(messages: readonly StoredMessage[]): Entry[] {
  let questionId: string | null = null;
  return messages.map((message) => {
    if (message.role === "user") questionId = message.id;
    return entryOf(message, questionId);
  });
}

function entryOf(message: StoredMessage, questionId: string | null): Entry {
  const { id, text } = message;
  if (message.role === "user")
    return {
      kind: "question",
      id,
      text,
      context: storedContext(message),
      key: id,
      state: "sent",
      failure: null,
    };
  if (message.role === "human_agent") return { kind: "person", id, name: message.personName, text };
  return {
    kind: "answer",
    id,
    messageId: id,
    questionId,
    text,
    extras: message.extras,
    state:
      message.status === "error" ? "failed" : message.status === "streaming" ? "cut" : "complete",
    feedback: message.feedback,
  };
}

function storedContext(message: StoredMessage): PageContext | null {
  const context: PageContext = {};
  if (message.pageUrl) context.url = message.pageUrl;
  if (message.pageTitle) context.title = message.pageTitle;
  if (message.textSelection) context.textSelection = message.textSelection;
  return Object.keys(context).length > 0 ? context : null;
}
