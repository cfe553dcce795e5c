/**
 * One turn of a chat: a question on its way and the answer to it, from the first request to the end
 * of the stream. What goes wrong becomes a change of the conversation; nothing is thrown.
 */
import type { Client } from "./client";
import { openAnswer, type Change, type Conversation, type Question } from "./conversation";
import { failureOf, type Failure } from "./failure";
import { newId } from "./ids";
import { STOP_MS } from "./limits";
import { runningAnswer, storedAnswer } from "./recovery";
import type { AnswerEvent, Outcome } from "./stream";

/** What a turn needs of the chat it is part of. */
export interface TurnHost {
  readonly client: Client;
  readonly state: Conversation;
  change(change: Change): void;
  /** Notes a conversation just started, so that a reload finds it. */
  keepConversation(id: string): Promise<void>;
}

export class Turn {
  readonly #host: TurnHost;
  readonly #abort = new AbortController();
  /** The entry the answer is written into, once it begins. */
  readonly #answerId = newId();
  #isStopped = false;
  /** The chat has gone on without this turn: nothing it says is heard any more. */
  #isDropped = false;

  constructor(host: TurnHost) {
    this.#host = host;
  }

  /** Sends a question and follows its answer. Resolves when nothing more will come. */
  async send(question: Question): Promise<void> {
    this.#change({ type: "asked", question });
    try {
      await this.#deliver(question);
    } catch (thrown) {
      this.#undelivered(question, failureOf(thrown));
    }
  }

  /** Follows an answer that is being written already, if it still is, in place of a piece of it. */
  async rejoin(questionId: string | null, replaces?: string): Promise<void> {
    const { client, state } = this.#host;
    const events = state.id && (await runningAnswer(client, state.id, this.#abort.signal));
    if (events) await this.#follow(events, questionId, replaces);
  }

  /** Ends the answer: by the proxy where it answers, by hanging up where it does not. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#change({ type: "stopping" });
    const hangUp = () => this.#abort.abort();
    setTimeout(hangUp, STOP_MS);
    const { client, state } = this.#host;
    if (state.id) client.stop(state.id).catch(hangUp);
    else hangUp();
  }

  /** Closes the connection; from here on the turn is silent. */
  drop(): void {
    this.#isDropped = true;
    this.#abort.abort();
  }

  #change(change: Change): void {
    if (!this.#isDropped) this.#host.change(change);
  }

  async #deliver(question: Question, isSecondTry = false): Promise<void> {
    const { client, state } = this.#host;
    const { text, context, key } = question;
    try {
      const id = state.id ?? (await this.#start(question));
      const message = { content: text, pageContext: context, key };
      const sent = await client.send(id, message, this.#abort.signal);
      if (sent.kind === "answer") return await this.#follow(sent.events, question.id);
      this.#handOver(question);
    } catch (thrown) {
      const isGone = failureOf(thrown).kind === "gone" && state.id !== null;
      if (!isGone || isSecondTry) throw thrown;
      // The visitor was away longer than the session lives. The question was not taken: it
      // starts a new conversation.
      await this.#start(question);
      await this.#deliver({ ...question, key: newId() }, true);
    }
  }

  async #start({ context }: Question): Promise<string> {
    const { client } = this.#host;
    const id = await client.startConversation(context?.url ?? null, this.#abort.signal);
    this.#abort.signal.throwIfAborted();
    this.#change({ type: "started", id });
    await this.#host.keepConversation(id);
    return id;
  }

  #handOver({ id }: Question): void {
    const notice = { kind: "notice", id: newId(), notice: "person-took-over" } as const;
    this.#change({ type: "handed-over", questionId: id, notice });
  }

  #undelivered(question: Question, failure: Failure): void {
    const questionId = question.id;
    if (!this.#isStopped) return this.#change({ type: "refused", questionId, failure });
    this.#change({ type: "answering", questionId, answerId: this.#answerId });
    this.#change({ type: "ended", outcome: "stopped" });
  }

  async #follow(
    events: AsyncGenerator<AnswerEvent>,
    questionId: string | null,
    replaces?: string,
  ): Promise<void> {
    const answerId = this.#answerId;
    this.#change({ type: "answering", questionId, answerId, ...(replaces && { replaces }) });
    let outcome = await this.#read(events);
    if (outcome === "cut") outcome = this.#isStopped ? "stopped" : await this.#recover();
    this.#change({ type: "ended", outcome });
    if (outcome === "complete") await this.#learnMessageId();
  }

  async #read(events: AsyncGenerator<AnswerEvent>): Promise<Outcome> {
    for await (const event of events) {
      if (event.type === "end") return event.outcome;
      if (event.type === "start") this.#name(event.messageId);
      else this.#change(event);
    }
    return "cut";
  }

  /** After a cut: the answer may still be running, or stand whole in the history. */
  async #recover(): Promise<Outcome> {
    const { client, state } = this.#host;
    if (this.#isDropped || !state.id) return "cut";
    const events = await runningAnswer(client, state.id, this.#abort.signal);
    if (events) {
      this.#change({ type: "replayed" });
      return this.#read(events);
    }
    const stored = await storedAnswer(client, state.id);
    if (stored?.status !== "complete") return "cut";
    if (stored.text.length < (openAnswer(this.#host.state)?.text.length ?? 0)) return "cut";
    this.#change({ type: "replayed" });
    this.#name(stored.id);
    this.#change({ type: "text", delta: stored.text });
    this.#change({ type: "extras", extras: stored.extras });
    return "complete";
  }

  /** Not every server names the message in its stream; feedback needs the name. */
  async #learnMessageId(): Promise<void> {
    const { client, state } = this.#host;
    const answer = state.entries.find(({ id }) => id === this.#answerId);
    if (!state.id || answer?.kind !== "answer" || answer.messageId) return;
    const stored = await storedAnswer(client, state.id);
    if (stored) this.#name(stored.id);
  }

  #name(messageId: string): void {
    this.#change({ type: "named", answerId: this.#answerId, messageId });
  }
}
