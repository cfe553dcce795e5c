/**
 * What changes a conversation, without effects. A question leaves it only by `cleared`, `adopted` and
 * `withdrawn`, an answer only by the first two and by starting over.
 */
import {
  EMPTY,
  openAnswer,
  type Answer,
  type Conversation,
  type Entry,
  type Notice,
  type Person,
  type Question,
} from "./conversation";
import { NO_EXTRAS, withButton, withSource } from "./extras";
import type { Failure } from "./failure";
import { restored } from "./stored";
import type {
  AnswerExtras,
  Feedback,
  LinkButton,
  Outcome,
  Source,
  StoredConversation,
} from "./types";

export type Change =
  /** An earlier conversation is being fetched; `restored` or `settled` follows. */
  | { type: "loading" }
  | { type: "restored"; stored: StoredConversation }
  /** Another tab shows this, and so does this one now. */
  | { type: "adopted"; state: Conversation }
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
  | { type: "reconnecting"; isOn: boolean }
  | { type: "handed-over"; questionId: string }
  /** A person has taken over; said once. */
  | { type: "person-joined"; name: string | null; noticeId: string }
  /** What a person wrote; known messages are passed over. */
  | { type: "person-said"; message: Person }
  /** The conversation is left behind: the next question starts another. */
  | { type: "left"; notice: Notice }
  | { type: "noticed"; notice: Notice }
  | { type: "rated"; answerId: string; feedback: Feedback | null }
  | { type: "settled" }
  | { type: "cleared" };

export function reduce(state: Conversation, change: Change): Conversation {
  switch (change.type) {
    case "loading":
      return { ...state, activity: "loading" };
    case "restored":
      return restored(change.stored);
    case "adopted":
      return change.state;
    case "started":
      return { ...state, id: change.id };
    case "asked":
      return { ...state, entries: ask(state.entries, change.question), activity: "sending" };
    case "withdrawn":
      return { ...state, entries: state.entries.filter(({ id }) => id !== change.questionId) };
    case "refused":
      return {
        ...refuse(state, change.questionId, change.failure),
        activity: "idle",
        isReconnecting: false,
      };
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
        isReconnecting: false,
      };
    case "reconnecting":
      return { ...state, isReconnecting: change.isOn };
    case "handed-over":
      return { ...state, entries: accept(state.entries, change.questionId), activity: "idle" };
    case "person-joined":
      return join(state, change.name, change.noticeId);
    case "person-said":
      return hear(state, change.message);
    case "left":
      return { ...state, id: null, person: null, entries: [...state.entries, change.notice] };
    case "noticed":
      return { ...state, entries: [...state.entries, change.notice] };
    case "rated":
      return changeAnswer(state, change.answerId, { feedback: change.feedback });
    case "settled":
      return { ...state, activity: "idle" };
    case "cleared":
      return EMPTY;
    default:
      // From a tab with another release of this script.
      return state;
  }
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
  // The assistant answers again: the person has gone.
  return { ...state, entries: [...entries, entry], activity: "streaming", person: null };
}

function join(state: Conversation, name: string | null, id: string): Conversation {
  const person = { name: name ?? state.person?.name ?? null };
  if (state.person) return { ...state, person };
  const notice: Notice = { kind: "notice", id, notice: "person-took-over" };
  return { ...state, person, entries: [...state.entries, notice] };
}

function hear(state: Conversation, message: Person): Conversation {
  const person = { name: message.name ?? state.person?.name ?? null };
  if (state.entries.some(({ id }) => id === message.id)) return state;
  return { ...state, person, entries: [...state.entries, message] };
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
