/** Brings a conversation back from the server, with the question that was on its way when the page went away. */
import type { Assistant } from "./assistant";
import type { Change } from "./changes";
import type { Conversation, NoticeName, Question } from "./conversation";
import { failureOf, type Failure } from "./failure";
import { newId } from "./ids";
import type { Keeping } from "./keeping";
import type { Pending } from "./memory";
import type { Turn } from "./turn";
import type { StoredConversation } from "./types";

export interface RestoreHost {
  readonly assistant: Assistant;
  readonly keeping: Keeping;
  readonly state: Conversation;
  /** Changes this tab alone: the others have their own way to know. */
  apply(change: Change): void;
  /** Lets a turn do its work. */
  run(work: (turn: Turn) => Promise<void>): Promise<void>;
  /** Whether another tab reads the answer, and this one has it from there. */
  someoneLeads(): Promise<boolean>;
}

/** `pending`: what was kept of a question whose outcome is not known. */
export async function load(
  host: RestoreHost,
  id: string,
  pending: Pending | null = null,
): Promise<void> {
  host.apply({ type: "loading" });
  try {
    const stored = await host.assistant.conversation(id);
    // A new chat may have been started meanwhile.
    if (host.state.activity !== "loading") return;
    host.apply({ type: "restored", stored });
    if (!stored.isOpen) host.apply({ type: "noticed", notice: notice("chat-closed") });
    if (pending) await findPending(host, pending);
    if (isUnanswered(stored)) await rejoin(host);
  } catch (thrown) {
    await failed(host, id, failureOf(thrown));
    if (pending) showUnsent(host, pending);
  }
}

/** Shows a question as one whose outcome is unknown: sent again, it has the same key. */
export function showUnsent(host: RestoreHost, pending: Pending): void {
  const question = questionFrom(pending);
  host.apply({ type: "asked", question });
  host.apply({ type: "refused", questionId: question.id, failure: failureOf(null) });
}

export function questionFrom({ text, context, key }: Pending): Question {
  return { kind: "question", id: newId(), text, context, key, state: "sending", failure: null };
}

export function notice(name: NoticeName) {
  return { kind: "notice", id: newId(), notice: name } as const;
}

async function failed(
  { keeping, apply }: RestoreHost,
  id: string,
  failure: Failure,
): Promise<void> {
  const isLost = failure.kind === "gone" || failure.kind === "away";
  if (isLost) await keeping.conversation("");
  else apply({ type: "started", id });
  apply({ type: "settled" });
  apply({ type: "noticed", notice: notice(isLost ? "chat-lost" : "chat-unreachable") });
}

/** It may stand in the history: then it has arrived. */
async function findPending(host: RestoreHost, pending: Pending): Promise<void> {
  const last = host.state.entries.findLast(({ kind }) => kind === "question");
  const hasArrived = last?.kind === "question" && last.text === pending.text;
  if (hasArrived) await host.keeping.memory.dropPending();
  else showUnsent(host, pending);
}

/** Until it is known whether the answer still runs, nothing else is asked. */
async function rejoin(host: RestoreHost): Promise<void> {
  const { id } = host.state;
  host.apply({ type: "loading" });
  const after = await host.keeping.memory.turn();
  const isReadElsewhere = await host.someoneLeads();
  // Meanwhile another chat may have been begun, or this one be told by the tab that reads it.
  if (host.state.id !== id || host.state.activity !== "loading") return;
  if (isReadElsewhere) return host.apply({ type: "settled" });
  const last = host.state.entries.findLast(({ kind }) => kind === "answer" || kind === "question");
  if (last?.kind === "question" && last.state === "sent")
    void host.run((turn) => turn.rejoin(last.id, after));
  else if (last?.kind === "answer")
    void host.run((turn) => turn.rejoin(last.questionId, after, last.id));
  else host.apply({ type: "settled" });
}

/** Whether the last message still waits for its answer, or for the end of it. */
function isUnanswered({ messages }: StoredConversation): boolean {
  const last = messages.at(-1);
  return last?.role === "user" || last?.outcome === "cut" || last?.outcome === "failed";
}
