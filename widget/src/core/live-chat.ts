/**
 * A chat: the conversation as it stands, what the visitor can do with it, and what a reload needs.
 * The panel calls its methods and draws its state. What goes wrong becomes part of the state.
 */
import { Assistant } from "./assistant";
import { reduce, type Change } from "./changes";
import type { Client } from "./client";
import { EMPTY, questionOf, type Conversation, type Question } from "./conversation";
import { mayHaveArrived } from "./failure";
import { Following, type Leading } from "./following";
import { newId } from "./ids";
import { Keeping, type Kept } from "./keeping";
import { load, notice, questionFrom, showUnsent, type RestoreHost } from "./restoring";
import { Tabs, type Shared, type TabHost, type TabOptions } from "./tabs";
import { Turn, type TurnHost } from "./turn";
import type { Feedback, KeyValueStore, PageContext } from "./types";

export type { Kept } from "./keeping";

export interface ChatOptions {
  /** Where what is typed is kept, if not with the rest. */
  drafts?: KeyValueStore;
  tabs?: TabOptions | null;
}

/** What the parts of a chat know of it. */
type Host = TurnHost & RestoreHost & TabHost & Leading;

export class LiveChat {
  readonly #assistant: Assistant;
  readonly #keeping: Keeping;
  readonly #listeners = new Set<() => void>();
  readonly #host: Host;
  readonly #tabs: Tabs | null;
  readonly #following: Following;
  #state: Conversation = EMPTY;
  #turn: Turn | null = null;
  #restoring: Promise<void> | null = null;

  constructor(client: Client, memory: KeyValueStore, { drafts, tabs }: ChatOptions = {}) {
    this.#assistant = new Assistant(client);
    this.#keeping = new Keeping(client, memory, drafts);
    this.#host = this.#asHost(client);
    this.#tabs = tabs ? new Tabs(tabs.channel, this.#host) : null;
    this.#following = new Following(this.#host, tabs ?? null);
  }

  get state(): Conversation {
    return this.#state;
  }

  /** Whether a reload of the page will find this conversation again. */
  get kept(): Kept {
    return this.#keeping.kept;
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

  /** Begins with what was shown before there was anything to do the work. */
  begin(entries: Conversation["entries"]): void {
    if (entries.length > 0) this.#apply({ type: "adopted", state: { ...EMPTY, entries } });
  }

  /** Takes over what other tabs show. */
  async join(): Promise<void> {
    await this.#tabs?.join();
  }

  async ask(text: string, context: PageContext | null): Promise<boolean> {
    return this.send(questionFrom({ text, context, key: newId() }));
  }

  /** Resolves when the answer has ended, or to false where something else is under way: it was not taken. */
  async send(question: Question): Promise<boolean> {
    await this.#restoring;
    return this.#send(question);
  }

  /**
   * Sends a failed question again. Where it may have arrived it is looked for first, and the same
   * key joins its answer.
   */
  async retry(questionId: string): Promise<void> {
    const question = questionOf(this.#state, questionId);
    if (!question || this.#state.activity !== "idle") return;
    const mayBeThere = question.failure !== null && mayHaveArrived(question.failure);
    const key = mayBeThere ? question.key : newId();
    await this.#send({ ...question, key, state: "sending", failure: null }, mayBeThere);
  }

  /** Sends a failed question as the first of a new conversation; what stands above stays to be read. */
  async retryAnew(questionId: string): Promise<void> {
    if (this.#state.activity !== "idle") return;
    this.#change({ type: "left", notice: notice("began-anew") });
    await this.retry(questionId);
  }

  /** Takes back a question that was not accepted, to be changed. Null where there is none. */
  withdraw(questionId: string): string | null {
    const question = questionOf(this.#state, questionId);
    if (question?.state !== "failed") return null;
    this.#change({ type: "withdrawn", questionId });
    void this.#keeping.memory.dropPending();
    return question.text;
  }

  /** Asks the question of an answer once more, as a new message. */
  async askAgain(answerId: string): Promise<void> {
    const answer = this.#state.entries.find(({ id }) => id === answerId);
    if (answer?.kind !== "answer") return;
    const question = questionOf(this.#state, answer.questionId);
    if (question) await this.ask(question.text, question.context);
  }

  /** Ends the answer under way, in whichever tab it is read; where none is, nothing happens. */
  stop(): void {
    const { activity, id } = this.#state;
    if (activity === "idle" || activity === "loading") return;
    if (this.#turn) return this.#turn.stop();
    this.#tabs?.stop();
    if (id) void this.#assistant.stop(id).catch(() => {});
  }

  /** Starts a new chat. The old one stays where the server keeps it. */
  async clear(): Promise<void> {
    this.stop();
    this.#leave();
    await this.#keeping.conversation("");
    this.#tabs?.switched();
  }

  /** Shows another conversation of the visitor's, here and in the other tabs. */
  async open(id: string): Promise<void> {
    if (id === this.#state.id) return;
    this.#leave();
    await this.#keeping.conversation(id);
    await load(this.#host, id);
    this.#tabs?.switched();
  }

  /** The conversation was closed: it can be read, and the next question starts another. */
  closed(id: string): void {
    if (id === this.#state.id) this.#change({ type: "left", notice: notice("chat-closed") });
  }

  /** The conversation was deleted. */
  async deleted(id: string): Promise<void> {
    const kept = await this.#keeping.memory.conversation();
    if (id === this.#state.id || id === kept) await this.clear();
  }

  /** Everything of the visitor's was deleted: nothing of it is left here either. */
  async deletedAll(): Promise<void> {
    this.#leave();
    this.#tabs?.switched();
    await this.#keeping.forget();
  }

  async rate(answerId: string, feedback: Feedback | null): Promise<void> {
    const answer = this.#state.entries.find(({ id }) => id === answerId);
    if (answer?.kind !== "answer" || !answer.messageId) return;
    this.#change({ type: "rated", answerId, feedback });
    try {
      await this.#assistant.feedback(answer.messageId, feedback);
    } catch {
      this.#change({ type: "rated", answerId, feedback: answer.feedback });
    }
  }

  /** What was typed and not sent, over a reload; nothing is kept before the first question. */
  keepDraft(text: string): Promise<void> {
    return this.#keeping.draft(text, this.#state);
  }

  draft(): Promise<string> {
    return this.#keeping.memory.draft();
  }

  /** Closes every connection, as when the panel goes away. */
  close(): void {
    this.#turn?.drop();
    this.#turn = null;
    this.#following.end();
    this.#tabs?.close();
  }

  #asHost(client: Client): Host {
    const state = () => this.#state;
    const isLeading = () => this.#turn !== null;
    return {
      assistant: this.#assistant,
      keeping: this.#keeping,
      place: null,
      get state() {
        return state();
      },
      get isLeading() {
        return isLeading();
      },
      get mayTell() {
        return client.isShared;
      },
      keepConversation: (id) => this.#keeping.conversation(id),
      change: (change) => this.#change(change),
      apply: (change) => this.#apply(change),
      hear: (change, place) => this.#hear(change, place),
      adopt: (shared) => this.#adopt(shared),
      stop: () => this.stop(),
      run: (work) => this.#run(work),
      takeOver: () => this.#run((turn) => turn.takeOver()),
      someoneLeads: () => this.#someoneLeads(),
    };
  }

  #change(change: Change): void {
    this.#apply(change);
    this.#tabs?.tell(change);
  }

  #apply(change: Change, isHeard?: boolean): void {
    this.#state = { ...reduce(this.#state, change), isHeard };
    if (this.#turn) void this.#keeping.note(change, this.#host.place);
    for (const listener of this.#listeners) listener();
    this.#following.look();
  }

  /** What another tab did. */
  #hear(change: Change, place: string | null): void {
    this.#host.place = place;
    this.#keeping.begin();
    this.#apply(change, true);
  }

  #adopt({ state, place }: Shared): void {
    this.#turn?.drop();
    this.#turn = null;
    this.#host.place = place;
    // An empty one may be what is left after everything was deleted.
    if (state.id) this.#keeping.begin();
    this.#apply({ type: "adopted", state }, true);
  }

  async #someoneLeads(): Promise<boolean> {
    return (await this.#tabs?.someoneLeads()) ?? false;
  }

  async #send(question: Question, mayBeThere = false): Promise<boolean> {
    if (this.#state.activity !== "idle") return false;
    this.#keeping.begin();
    await this.#run(async (turn) => {
      await turn.send(question, mayBeThere);
      if (this.#turn === turn) await this.keepDraft(await this.draft());
    });
    return true;
  }

  /** Lets a turn do its work, this tab reading for all meanwhile. */
  async #run(work: (turn: Turn) => Promise<void>): Promise<void> {
    this.#turn?.drop();
    const turn = (this.#turn = new Turn(this.#host));
    const working = work(turn);
    this.#following.lead(working);
    await working;
    if (this.#turn === turn) this.#turn = null;
    this.#following.look();
  }

  /** Nothing of what is shown now is shown any more. */
  #leave(): void {
    this.#turn?.drop();
    this.#turn = null;
    this.#host.place = null;
    this.#apply({ type: "cleared" });
  }

  async #restore(): Promise<void> {
    const { memory } = this.#keeping;
    const [pending, id] = [await memory.pending(), await memory.conversation()];
    if ((id === null && !pending) || this.#state.id) return;
    this.#keeping.begin();
    if (await this.#tabs?.join()) return;
    if (id) await load(this.#host, id, pending);
    else if (pending) showUnsent(this.#host, pending);
  }
}
