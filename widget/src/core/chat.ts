/**
 * A chat: the conversation as it stands, what the visitor can do with it, and what a reload needs.
 * The panel calls its methods and draws its state. What goes wrong becomes part of the state.
 */
import type { Client } from "./client";
import {
  EMPTY,
  questionOf,
  reduce,
  type Change,
  type Conversation,
  type Notice,
  type Question,
} from "./conversation";
import { failureOf, type Failure } from "./failure";
import { newId } from "./ids";
import { ChatMemory } from "./memory";
import { Turn, type TurnHost } from "./turn";
import type { Feedback, KeyValueStore, PageContext, StoredConversation } from "./types";

export class Chat {
  readonly #client: Client;
  readonly #memory: ChatMemory;
  readonly #listeners = new Set<() => void>();
  readonly #host: TurnHost;
  #state: Conversation = EMPTY;
  #turn: Turn | null = null;
  #restoring: Promise<void> | null = null;
  /** Nothing is kept before the visitor asks. */
  #hasAsked = false;

  constructor(client: Client, memory: KeyValueStore) {
    const state = () => this.#state;
    this.#client = client;
    this.#memory = new ChatMemory(memory);
    this.#host = {
      client,
      get state() {
        return state();
      },
      change: (change) => this.#change(change),
      keepConversation: async (id) => {
        if (client.outlivesReload) await this.#memory.keepConversation(id);
      },
    };
  }

  get state(): Conversation {
    return this.#state;
  }

  /** Whether a reload of the page will find this conversation again. */
  get isKept(): boolean {
    return this.#client.outlivesReload;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Brings back the conversation of an earlier visit, and an answer still being written. */
  restore(): Promise<void> {
    this.#restoring ??= this.#restore().finally(() => (this.#restoring = null));
    return this.#restoring;
  }

  /** Asks, where nothing else is under way. Resolves when the answer has ended. */
  async ask(text: string, context: PageContext | null): Promise<void> {
    await this.#restoring;
    const id = newId();
    await this.#send({
      kind: "question",
      id,
      text,
      context,
      key: id,
      state: "sending",
      failure: null,
    });
  }

  /** Sends a failed question again. Where it may have arrived, the same key joins its answer. */
  async retry(questionId: string): Promise<void> {
    const question = questionOf(this.#state, questionId);
    if (!question) return;
    const key = question.failure?.kind === "dropped" ? question.key : newId();
    await this.#send({ ...question, key, state: "sending", failure: null });
  }

  /** Takes back a question that was not accepted, to be changed. Null where there is none. */
  withdraw(questionId: string): string | null {
    const question = questionOf(this.#state, questionId);
    if (question?.state !== "failed") return null;
    this.#change({ type: "withdrawn", questionId });
    return question.text;
  }

  /** Asks the question of an answer once more, as a new message. */
  async askAgain(answerId: string): Promise<void> {
    const answer = this.#state.entries.find(({ id }) => id === answerId);
    if (answer?.kind !== "answer") return;
    const question = questionOf(this.#state, answer.questionId);
    if (question) await this.ask(question.text, question.context);
  }

  /** Ends the answer under way; where none is, nothing happens. */
  stop(): void {
    if (this.#state.activity !== "idle") this.#turn?.stop();
  }

  /** Starts a new chat. The old one stays where the server keeps it. */
  async clear(): Promise<void> {
    this.stop();
    this.close();
    this.#change({ type: "cleared" });
    await this.#memory.forgetConversation();
  }

  async rate(answerId: string, feedback: Feedback | null): Promise<void> {
    const answer = this.#state.entries.find(({ id }) => id === answerId);
    if (answer?.kind !== "answer" || !answer.messageId) return;
    this.#change({ type: "rated", answerId, feedback });
    try {
      await this.#client.feedback(answer.messageId, feedback);
    } catch {
      this.#change({ type: "rated", answerId, feedback: answer.feedback });
    }
  }

  /** What was typed and not sent, over a reload; nothing is kept before the first question. */
  async keepDraft(text: string): Promise<void> {
    if (this.#hasAsked) await this.#memory.keepDraft(text || unsentText(this.#state));
  }

  draft(): Promise<string> {
    return this.#memory.draft();
  }

  /** Closes the connection, as when the panel goes away. */
  close(): void {
    this.#turn?.drop();
    this.#turn = null;
  }

  #change(change: Change): void {
    this.#state = reduce(this.#state, change);
    for (const listener of this.#listeners) listener();
  }

  async #send(question: Question): Promise<void> {
    if (this.#state.activity !== "idle") return;
    this.#hasAsked = true;
    const turn = this.#begin();
    await turn.send(question);
    if (this.#turn === turn) await this.keepDraft(await this.draft());
  }

  #begin(): Turn {
    this.#turn?.drop();
    return (this.#turn = new Turn(this.#host));
  }

  async #restore(): Promise<void> {
    const id = await this.#memory.conversation();
    if (!id || this.#state.id) return;
    this.#hasAsked = true;
    this.#change({ type: "loading" });
    try {
      const stored = await this.#client.conversation(id);
      // A new chat may have been started meanwhile.
      if (this.#state.activity !== "loading") return;
      this.#change({ type: "restored", stored });
      if (isUnanswered(stored)) this.#rejoin();
    } catch (thrown) {
      await this.#restoreFailed(id, failureOf(thrown));
    }
  }

  async #restoreFailed(id: string, failure: Failure): Promise<void> {
    const isLost = failure.kind === "gone" || failure.kind === "away";
    if (isLost) await this.#memory.forgetConversation();
    else this.#change({ type: "started", id });
    this.#change({ type: "settled" });
    this.#notice(isLost ? "chat-lost" : "chat-unreachable");
  }

  #rejoin(): void {
    const last = this.#state.entries.at(-1);
    if (last?.kind === "question") void this.#begin().rejoin(last.id);
    if (last?.kind === "answer") void this.#begin().rejoin(last.questionId, last.id);
  }

  #notice(notice: Notice["notice"]): void {
    this.#change({ type: "noticed", notice: { kind: "notice", id: newId(), notice } });
  }
}

/** Whether the last message still waits for its answer, or for the end of it. */
function isUnanswered({ messages }: StoredConversation): boolean {
  const last = messages.at(-1);
  return last?.role === "user" || last?.status === "streaming";
}

/** The last question that was not accepted. */
function unsentText(state: Conversation): string {
  const unsent = state.entries.filter(
    (entry) => entry.kind === "question" && entry.state === "failed",
  );
  const last = unsent.at(-1);
  return last?.kind === "question" ? last.text : "";
}
