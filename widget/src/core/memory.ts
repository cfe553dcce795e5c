/** What of a chat outlives a reload: which conversation it was, and what was typed and not sent. */
import type { KeyValueStore } from "./types";

const CONVERSATION_KEY = "conversation";
const DRAFT_KEY = "draft";

export class ChatMemory {
  readonly #store: KeyValueStore;

  constructor(store: KeyValueStore) {
    this.#store = store;
  }

  conversation(): Promise<string | null> {
    return this.#store.get(CONVERSATION_KEY);
  }

  keepConversation(id: string): Promise<void> {
    return this.#store.set(CONVERSATION_KEY, id);
  }

  forgetConversation(): Promise<void> {
    return this.#store.remove(CONVERSATION_KEY);
  }

  async draft(): Promise<string> {
    return (await this.#store.get(DRAFT_KEY)) ?? "";
  }

  keepDraft(text: string): Promise<void> {
    return text ? this.#store.set(DRAFT_KEY, text) : this.#store.remove(DRAFT_KEY);
  }
}
