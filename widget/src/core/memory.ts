/**
 * What of a chat outlives a reload: which conversation it was, what was typed and not sent, the
 * question whose sending has no known outcome, and which answer was being read.
 */
import type { Question } from "./conversation";
import { CONVERSATION, DRAFT, PENDING, TURN } from "./keys";
import { parseJson, toJson } from "./natives";
import { isRecord, textAt } from "./records";
import type { KeyValueStore, PageContext } from "./types";

/** A question on its way: sent again, it must be the same to the letter. */
export type Pending = Pick<Question, "text" | "context" | "key">;

export class ChatMemory {
  readonly #store: KeyValueStore;
  readonly #drafts: KeyValueStore;

  /** `drafts`: where what is typed is kept, if not with the rest. */
  constructor(store: KeyValueStore, drafts = store) {
    this.#store = store;
    this.#drafts = drafts;
  }

  /** Empty where a new chat was begun. */
  conversation(): Promise<string | null> {
    return this.#store.get(CONVERSATION);
  }

  /** Whether it could be kept: storage may be full or forbidden. */
  async keepConversation(id: string): Promise<boolean> {
    await this.#store.set(CONVERSATION, id);
    return (await this.#store.get(CONVERSATION)) === id;
  }

  async draft(): Promise<string> {
    return (await this.#drafts.get(DRAFT)) ?? "";
  }

  keepDraft(text: string): Promise<void> {
    return text ? this.#drafts.set(DRAFT, text) : this.#drafts.remove(DRAFT);
  }

  async pending(): Promise<Pending | null> {
    return pendingFrom(await this.#store.get(PENDING));
  }

  keepPending({ text, context, key }: Pending): Promise<void> {
    return this.#store.set(PENDING, toJson({ text, context, key }));
  }

  dropPending(): Promise<void> {
    return this.#store.remove(PENDING);
  }

  /** The place before everything in the answer that was being read, or null. */
  async turn(): Promise<string | null> {
    return this.#store.get(TURN);
  }

  keepTurn(place: string): Promise<void> {
    return this.#store.set(TURN, `${place.split(":")[0]}:0`);
  }

  dropTurn(): Promise<void> {
    return this.#store.remove(TURN);
  }

  /** Nothing of the visitor's is left. */
  async forget(): Promise<void> {
    for (const key of [CONVERSATION, PENDING, TURN]) await this.#store.remove(key);
    await this.#drafts.remove(DRAFT);
  }
}

/** What was kept is the page's to change: it is read like anything from elsewhere. */
function pendingFrom(kept: string | null): Pending | null {
  let value: unknown;
  try {
    value = parseJson(kept ?? "");
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  const text = textAt(value, "text");
  const key = textAt(value, "key");
  return text && key ? { text, key, context: contextFrom(value.context) } : null;
}

function contextFrom(value: unknown): PageContext | null {
  if (!isRecord(value)) return null;
  const context: PageContext = {};
  for (const name of ["url", "title", "content", "textSelection"] as const) {
    const text = value[name];
    // An empty text is part of what was sent, too.
    if (typeof text === "string") context[name] = text;
  }
  return context;
}
