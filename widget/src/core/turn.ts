/**
 * One turn of a chat: a question on its way and the answer to it, from the first request to the end
 * of the stream. What goes wrong becomes a change of the conversation; nothing is thrown.
 */
import type { Assistant, Follow } from "./assistant";
import type { Change } from "./changes";
import { openAnswer, questionOf, type Conversation, type Question } from "./conversation";
import { failureOf, mayHaveArrived, type Failure } from "./failure";
import { newId } from "./ids";
import { RECONNECT_MS, STOP_MS } from "./limits";
import { findQuestion, pause, storedAnswer, type Found } from "./recovery";
import { ChunkReader, type AnswerEvent } from "./stream";
import type { Outcome } from "./types";

/** What a turn needs of the chat it is part of. */
export interface TurnHost {
  readonly assistant: Assistant;
  readonly state: Conversation;
  /** How far the answer was read, here or in another tab: `turn:number`. */
  place: string | null;
  change(change: Change): void;
  /** Notes a conversation just started, so that a reload finds it. */
  keepConversation(id: string): Promise<void>;
}

export class Turn {
  readonly #host: TurnHost;
  readonly #abort = new AbortController();
  /** The entry the answer is written into, once it begins. */
  #answerId = newId();
  /** What reads the answer, over all its connections. */
  #chunks = new ChunkReader();
  #isStopped = false;
  /** The chat has gone on without this turn: nothing it says is heard any more. */
  #isDropped = false;

  constructor(host: TurnHost) {
    this.#host = host;
  }

  /**
   * Sends a question and follows its answer. Resolves when nothing more will come.
   * `mayBeThere`: it was sent before with this key, and is looked for first.
   */
  async send(question: Question, mayBeThere = false): Promise<void> {
    this.#host.place = null;
    this.#change({ type: "asked", question });
    try {
      if (mayBeThere && (await this.#find(question))) return;
      await this.#deliver(question);
    } catch (thrown) {
      await this.#undelivered(question, failureOf(thrown));
    }
  }

  /**
   * Follows an answer that was being written when the page went away, in place of a piece of it.
   * `after`: where that answer begins, which is then told also when it has ended meanwhile.
   */
  async rejoin(questionId: string | null, after: string | null, replaces?: string): Promise<void> {
    const { assistant, state } = this.#host;
    this.#host.place = null;
    const events =
      state.id && (await assistant.resume(state.id, this.#following(after)).catch(() => null));
    if (!events) return this.#change({ type: "settled" });
    const outcome = await this.#follow(events, questionId, replaces);
    this.#change({
      type: "ended",
      outcome: outcome === "stopped" && !this.#isStopped ? "cut" : outcome,
    });
    await this.#learnMessageId();
  }

  /** Goes on with what another tab was reading until it went away. */
  async takeOver(): Promise<void> {
    const { state } = this.#host;
    const open = openAnswer(state);
    if (open) {
      this.#answerId = open.id;
      this.#chunks = new ChunkReader(this.#host.place !== null);
      return this.#end(await this.#recover());
    }
    const last = state.entries.findLast(({ kind }) => kind === "question");
    const question = questionOf(state, last?.id ?? null);
    if (question) await this.#undelivered(question, failureOf(null));
    else this.#change({ type: "settled" });
  }

  /** Ends the answer: by the proxy where it answers, by hanging up where it does not. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#change({ type: "stopping" });
    const hangUp = () => this.#abort.abort();
    setTimeout(hangUp, STOP_MS);
    const { assistant, state } = this.#host;
    if (state.id) assistant.stop(state.id).catch(hangUp);
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

  #following(after: string | null = null): Follow {
    const onPlace = (place: string) => {
      if (!this.#isDropped) this.#host.place = place;
    };
    if (!after) this.#chunks = new ChunkReader();
    return { signal: this.#abort.signal, after, chunks: this.#chunks, onPlace };
  }

  async #deliver(question: Question, isSecondTry = false): Promise<void> {
    const { assistant, state } = this.#host;
    const { text, context, key } = question;
    try {
      const id = state.id ?? (await this.#start(question));
      const message = { content: text, pageContext: context, key };
      const sent = await assistant.send(id, message, this.#following());
      if (sent.kind === "answer") return this.#end(await this.#follow(sent.events, question.id));
      this.#change({ type: "handed-over", questionId: question.id });
      this.#change({ type: "person-joined", name: null, noticeId: newId() });
    } catch (thrown) {
      const isGone = failureOf(thrown).kind === "gone" && state.id !== null;
      if (!isGone || isSecondTry || this.#isStopped) throw thrown;
      // The visitor was away longer than the session lives. The question was not taken: it
      // starts a new conversation, and that is said.
      const notice = { kind: "notice", id: newId(), notice: "began-anew" } as const;
      this.#change({ type: "left", notice });
      const again = { ...question, key: newId() };
      this.#change({ type: "asked", question: again });
      await this.#deliver(again, true);
    }
  }

  async #start({ context }: Question): Promise<string> {
    const { assistant } = this.#host;
    const id = await assistant.startConversation(context?.url ?? null, this.#abort.signal);
    this.#abort.signal.throwIfAborted();
    this.#change({ type: "started", id });
    await this.#host.keepConversation(id);
    return id;
  }

  /** A question without an answer: it may be under way all the same, or stand in the history. */
  async #undelivered(question: Question, failure: Failure): Promise<void> {
    const questionId = question.id;
    if (!this.#isStopped && mayHaveArrived(failure) && (await this.#find(question))) return;
    if (this.#isDropped) return;
    if (!this.#isStopped) {
      const explained = await this.#host.assistant.client.explain(failure);
      return this.#change({ type: "refused", questionId, failure: explained });
    }
    this.#change({ type: "answering", questionId, answerId: this.#answerId });
    this.#change({ type: "ended", outcome: "stopped" });
  }

  /** Whether the question was found, and its answer followed to its end. It is never sent here. */
  async #find(question: Question): Promise<boolean> {
    const { assistant, state } = this.#host;
    if (!state.id) return false;
    try {
      const events = await assistant.resume(state.id, this.#following());
      if (events) {
        await this.#end(await this.#follow(events, question.id));
        return true;
      }
      const found = await findQuestion(assistant, this.#host.state, question);
      if (found) this.#show(question, found);
      return found !== null;
    } catch {
      return false;
    }
  }

  #show({ id }: Question, { answer }: Found): void {
    this.#change({ type: "answering", questionId: id, answerId: this.#answerId });
    if (answer) {
      this.#name(answer.id);
      this.#change({ type: "text", delta: answer.text });
      this.#change({ type: "extras", extras: answer.extras });
    }
    this.#change({ type: "ended", outcome: answer?.outcome ?? "cut" });
  }

  /** Reads an answer into a new entry, over lost connections, to its end. */
  async #follow(
    events: AsyncGenerator<AnswerEvent>,
    questionId: string | null,
    replaces?: string,
  ): Promise<Outcome> {
    const answerId = this.#answerId;
    this.#change({ type: "answering", questionId, answerId, ...(replaces && { replaces }) });
    const outcome = await this.#read(events);
    return outcome === "cut" && !this.#isStopped ? this.#recover() : outcome;
  }

  async #end(outcome: Outcome): Promise<void> {
    const isStopped = outcome === "cut" && this.#isStopped;
    this.#change({ type: "ended", outcome: isStopped ? "stopped" : outcome });
    if (outcome === "complete") await this.#learnMessageId();
  }

  /** Reads until the end, or until the connection is lost or turns out to bring another answer. */
  async #read(events: AsyncGenerator<AnswerEvent>): Promise<Outcome> {
    const turn = turnOf(this.#host.place);
    for await (const event of events) {
      if (turn && turnOf(this.#host.place) !== turn) return "cut";
      if (event.type === "end") return event.outcome;
      if (event.type === "start") this.#name(event.messageId);
      else this.#change(event);
    }
    return "cut";
  }

  /** After a cut: the answer may still be running, or stand whole in the history. */
  async #recover(): Promise<Outcome> {
    const { assistant, state } = this.#host;
    if (!state.id) return "cut";
    this.#change({ type: "reconnecting", isOn: true });
    const { signal } = this.#abort;
    for (let tries = 0; tries < RECONNECT_MS.length; tries++) {
      await pause(RECONNECT_MS[tries] ?? 0, signal);
      if (signal.aborted) return "cut";
      const { place } = this.#host;
      try {
        const events = await assistant.resume(state.id, this.#following(place));
        if (!events) break;
        if (!place) this.#change({ type: "replayed" });
        this.#change({ type: "reconnecting", isOn: false });
        const outcome = await this.#read(events);
        if (outcome !== "cut" || this.#isStopped) return outcome;
        if (place && turnOf(this.#host.place) !== turnOf(place)) break;
        // What brought something is worth another round.
        if (this.#host.place !== place) tries = -1;
        this.#change({ type: "reconnecting", isOn: true });
      } catch (thrown) {
        if (!mayHaveArrived(failureOf(thrown))) break;
      }
    }
    return this.#stored(state.id);
  }

  /** The whole answer from the history, where it stands there. */
  async #stored(conversation: string): Promise<Outcome> {
    const stored = await storedAnswer(this.#host.assistant, conversation);
    if (stored?.outcome !== "complete") return "cut";
    if (stored.text.length < (openAnswer(this.#host.state)?.text.length ?? 0)) return "cut";
    this.#change({ type: "replayed" });
    this.#name(stored.id);
    this.#change({ type: "text", delta: stored.text });
    this.#change({ type: "extras", extras: stored.extras });
    return "complete";
  }

  /** Not every server names the message in its stream; feedback needs the name. */
  async #learnMessageId(): Promise<void> {
    const { assistant, state } = this.#host;
    const answer = state.entries.find(({ id }) => id === this.#answerId);
    if (!state.id || answer?.kind !== "answer" || answer.messageId) return;
    const stored = await storedAnswer(assistant, state.id);
    if (stored) this.#name(stored.id);
  }

  #name(messageId: string): void {
    this.#change({ type: "named", answerId: this.#answerId, messageId });
  }
}

/** Which turn a place is in. */
function turnOf(place: string | null): string | null {
  return place?.split(":")[0] ?? null;
}
