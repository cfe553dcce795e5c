/**
 * The chat as the panel has it from the start. What does its work is loaded when there is something
 * to do: the visitor writes, was here before, or asks in another tab. Where that cannot be loaded
 * the question is kept like any other that was not sent.
 */
import type { Client } from "./client";
import { EMPTY, questionOf, type Conversation, type Question } from "./conversation";
import { failureOf } from "./failure";
import { newId } from "./ids";
import { CONVERSATION, DRAFT, PENDING } from "./keys";
import type { ChatOptions, Kept, LiveChat } from "./live-chat";
import { isRecord } from "./records";
import type { Feedback, KeyValueStore, PageContext } from "./types";

/** What goes along with a question. */
type Going = Pick<Question, "context" | "isEarly">;

export class Chat {
  readonly client: Client;
  readonly #memory: KeyValueStore;
  readonly #options: ChatOptions;
  readonly #listeners = new Set<() => void>();
  readonly #drafts: KeyValueStore;
  #live: LiveChat | null = null;
  #loading: Promise<LiveChat> | null = null;
  #restoring: Promise<void> | null = null;
  #isClosed = false;
  /** Ends the waiting of a question, for what sends it or for what goes along. */
  #giveUp: () => void = () => {};
  /** A question that waits for what goes along. */
  #waiting: Question | null = null;
  /** What is shown until the rest is loaded. */
  #state: Conversation = EMPTY;

  constructor(client: Client, memory: KeyValueStore, options: ChatOptions = {}) {
    this.client = client;
    this.#memory = memory;
    this.#options = options;
    this.#drafts = options.drafts ?? memory;
    options.tabs?.channel.listen((message) => {
      if (tellsOfChat(message))
        void this.#load().then(
          (live) => live.join(),
          () => {},
        );
    });
  }

  get state(): Conversation {
    const state = this.#live?.state ?? this.#state;
    const waiting = this.#waiting;
    if (!waiting) return state;
    return { ...state, entries: [...state.entries, waiting], activity: "sending" };
  }

  /** What is lost with a reload, if anything. */
  get kept(): Kept {
    return this.#live?.kept ?? "kept";
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

  /**
   * Asks. Resolves when the answer has ended, or to false where something else is under way: then
   * the question was not taken.
   */
  async ask(text: string, context: PageContext | null): Promise<boolean> {
    await this.#restoring;
    return this.#send(newQuestion(text, { context }));
  }

  /**
   * Shows the question at once, and asks it when `ready`, with what `gather` gives then. Resolves as `ask`
   * does; to false too where it was taken back meanwhile.
   */
  async askWhen(ready: Promise<unknown>, text: string, gather: () => Going): Promise<boolean> {
    await this.#restoring;
    if (this.state.activity !== "idle") return false;
    const stopped = new Promise<true>((resolve) => (this.#giveUp = () => resolve(true)));
    this.#waiting = { ...newQuestion(text, { context: null }), state: "waiting" };
    this.#changed();
    // A reload meanwhile has it in the composer again.
    void this.#drafts.set(DRAFT, text);
    const isStopped = await Promise.race([ready.then(() => false), stopped]);
    // It goes with whoever asked it.
    const isLeft = this.#isClosed;
    if (!isLeft) await this.#drafts.remove(DRAFT);
    // Not before: until it is sent the question stands there without a break.
    this.#waiting = null;
    if (isLeft) return true;
    if (!isStopped) return this.#send(newQuestion(text, gather()));
    this.#changed();
    return false;
  }

  /** Sends a failed question again; where it may have arrived, with the same key. */
  async retry(questionId: string): Promise<void> {
    if (this.#live) return this.#live.retry(questionId);
    const question = questionOf(this.#state, questionId);
    if (!question) return;
    if ((await this.draft()) === question.text) await this.#drafts.remove(DRAFT);
    await this.#send({ ...question, state: "sending", failure: null });
  }

  /** Sends a failed question as the first of a new conversation. */
  async retryAnew(questionId: string): Promise<void> {
    await this.#live?.retryAnew(questionId);
  }

  /** Takes back a question that was not accepted, to be changed. Null where there is none. */
  withdraw(questionId: string): string | null {
    if (this.#live) return this.#live.withdraw(questionId);
    const question = questionOf(this.#state, questionId);
    if (question?.state !== "failed") return null;
    this.#show(this.#state.entries.filter(({ id }) => id !== questionId));
    return question.text;
  }

  /** Asks the question of an answer once more, as a new message. */
  async askAgain(answerId: string): Promise<void> {
    await this.#live?.askAgain(answerId);
  }

  /** Ends the answer under way, in whichever tab it is read. */
  stop(): void {
    if (this.#live && !this.#waiting) this.#live.stop();
    else this.#giveUp();
  }

  /** Starts a new chat. The old one stays where the server keeps it. */
  async clear(): Promise<void> {
    this.#giveUp();
    if (this.#live) await this.#live.clear();
    else this.#show([]);
  }

  async rate(answerId: string, feedback: Feedback | null): Promise<void> {
    await this.#live?.rate(answerId, feedback);
  }

  /** Shows another conversation of the visitor's, here and in the other tabs. */
  async open(id: string): Promise<void> {
    this.#giveUp();
    try {
      await (await this.#load()).open(id);
    } catch {
      this.#missing();
    }
  }

  /** The conversation was closed: it can be read, and the next question starts another. */
  closed(id: string): void {
    this.#live?.closed(id);
  }

  /** The conversation was deleted. */
  async deleted(id: string): Promise<void> {
    await (await this.#load()).deleted(id);
  }

  /** Everything of the visitor's was deleted: nothing of it is left here either. */
  async deletedAll(): Promise<void> {
    this.#giveUp();
    await (await this.#load()).deletedAll();
  }

  /** What was typed and not sent, over a reload; nothing is kept before the first question. */
  async keepDraft(text: string): Promise<void> {
    if (this.#live) await this.#live.keepDraft(text);
    else if (text) void this.#load().catch(() => {});
  }

  async draft(): Promise<string> {
    return (await this.#drafts.get(DRAFT)) ?? "";
  }

  /** Closes every connection, as when the panel goes away. */
  close(): void {
    this.#isClosed = true;
    this.#options.tabs?.channel.close();
    this.#live?.close();
  }

  /** Loads what does the work; it begins with what is shown now. */
  #load(): Promise<LiveChat> {
    this.#loading ??= import("./live-chat").then(
      (module) => this.#begin(new module.LiveChat(this.client, this.#memory, this.#options)),
      (error: unknown) => {
        this.#loading = null;
        throw error;
      },
    );
    return this.#loading;
  }

  #begin(live: LiveChat): LiveChat {
    if (this.#isClosed) live.close();
    live.begin(this.#state.entries);
    live.subscribe(() => this.#changed());
    this.#live = live;
    return live;
  }

  async #send(question: Question): Promise<boolean> {
    if (this.#live) return this.#live.send(question);
    if (this.#state.activity !== "idle") return false;
    this.#show([...this.#others(question), question], "sending");
    try {
      const stopped = new Promise<null>((resolve) => (this.#giveUp = () => resolve(null)));
      const live = await Promise.race([this.#load(), stopped]);
      if (live) return live.send(question);
      this.#show(this.#others(question));
      return false;
    } catch {
      await this.#drafts.set(DRAFT, question.text);
      const failure = await this.client.explain(failureOf(null));
      this.#show([...this.#others(question), { ...question, state: "failed", failure }]);
      return true;
    }
  }

  async #restore(): Promise<void> {
    const kept = await Promise.all([CONVERSATION, PENDING].map((key) => this.#memory.get(key)));
    if (kept.every((value) => value === null)) return;
    try {
      await (await this.#load()).restore();
    } catch {
      this.#missing();
    }
  }

  /** There is a chat, and nothing to bring it back. */
  #missing(): void {
    const notice = { kind: "notice", id: newId(), notice: "chat-unreachable" } as const;
    if (!this.#live) this.#show([notice]);
  }

  #others({ id }: Question): Conversation["entries"] {
    return this.#state.entries.filter((entry) => entry.id !== id);
  }

  #show(entries: Conversation["entries"], activity: Conversation["activity"] = "idle"): void {
    this.#state = { ...EMPTY, entries, activity };
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function newQuestion(text: string, going: Going): Question {
  const [id, key] = [newId(), newId()];
  return { kind: "question", id, text, key, state: "sending", failure: null, ...going };
}

/** Whether another tab tells of a conversation, and does not only ask for one. */
function tellsOfChat(message: unknown): boolean {
  const news = isRecord(message) ? message.news : null;
  return isRecord(news) && (news.type === "change" || news.type === "state");
}
