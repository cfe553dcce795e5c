/** What a chat keeps for a reload or after a crash, and when: nothing before the visitor has asked. */
import type { Client } from "./client";
import type { Change } from "./changes";
import type { Conversation } from "./conversation";
import { mayHaveArrived } from "./failure";
import { ChatMemory } from "./memory";
import type { KeyValueStore } from "./types";

/** What is lost with a reload, and why. */
export type Kept = "kept" | "no-cookie" | "no-storage";

export class Keeping {
  readonly memory: ChatMemory;
  readonly #client: Client;
  #hasAsked = false;
  #isStorageGone = false;
  #isTurnKept = false;

  constructor(client: Client, store: KeyValueStore, drafts?: KeyValueStore) {
    this.#client = client;
    this.memory = new ChatMemory(store, drafts);
  }

  get kept(): Kept {
    if (!this.#client.outlivesReload) return "no-cookie";
    return this.#isStorageGone ? "no-storage" : "kept";
  }

  /** The visitor has asked something, now or on an earlier visit. */
  begin(): void {
    this.#hasAsked = true;
  }

  /** Notes which conversation is shown; empty for a new one. */
  async conversation(id: string): Promise<void> {
    if (!this.#hasAsked || !this.#client.outlivesReload) return;
    this.#isStorageGone = !(await this.memory.keepConversation(id));
  }

  /** What was typed; without it the last question that was refused and so did not arrive. */
  async draft(text: string, state: Conversation): Promise<void> {
    if (this.#hasAsked) await this.memory.keepDraft(text || unsentText(state));
  }

  /** What a crash would take is kept as long as it is not safe elsewhere. */
  async note(change: Change, place: string | null): Promise<void> {
    const { memory } = this;
    if (change.type === "asked") {
      this.#isTurnKept = false;
      if (this.#client.outlivesReload) await memory.keepPending(change.question);
    } else if (change.type === "refused") {
      if (!mayHaveArrived(change.failure)) await memory.dropPending();
    } else if (change.type === "answering" || change.type === "handed-over") {
      await memory.dropPending();
    } else if (change.type === "ended") {
      await memory.dropTurn();
    } else if (place && !this.#isTurnKept && this.#client.outlivesReload) {
      this.#isTurnKept = true;
      await memory.keepTurn(place);
    }
  }

  /** Everything of the visitor's is gone; until the next question nothing is kept. */
  async forget(): Promise<void> {
    this.#hasAsked = false;
    await this.memory.forget();
  }
}

function unsentText(state: Conversation): string {
  const last = state.entries.findLast(
    (entry) => entry.kind === "question" && entry.state === "failed",
  );
  const isUnsent = last?.kind === "question" && last.failure && !mayHaveArrived(last.failure);
  return isUnsent ? last.text : "";
}
