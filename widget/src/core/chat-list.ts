/** The visitor's conversations, as the server lists them, and what can be done with one from outside. Loaded with the list. */
import type { Client } from "./client";
import { failureOf, ProxyError } from "./failure";
import { jsonOf, type Call } from "./http";
import { partsText } from "./parts";
import { isRecord, textAt, type Json } from "./records";

/** How many are fetched at once; when they are searched, as many as the server gives. */
export const PAGE_LENGTH = 20;
export const SEARCH_LENGTH = 100;

/** More than this are not fetched for a search: of each the proxy asks the service. */
export const SEARCH_LIMIT = 300;

export interface ListedChat {
  id: string;
  title: string | null;
  isOpen: boolean;
  isHumanHandled: boolean;
  /** When something was last said in it, as `Date.now()` counts; null where that is not known. */
  lastAt: number | null;
  /** What was last said in it; empty where that is not known. */
  lastText: string;
}

export interface ChatPage {
  /** How many there are in all. */
  total: number;
  chats: ListedChat[];
  /** How many of the list's places these are: what cannot be read has one, too. */
  count: number;
  /** Whether deleting erases a conversation, or only takes it out of the list. */
  isErasing: boolean;
}

const NONE: ChatPage = { total: 0, chats: [], count: 0, isErasing: false };

/** A page of the list, what was used last first. Without a session there is none, and none is made. */
export async function listChats(client: Client, offset: number, limit: number): Promise<ChatPage> {
  try {
    const response = await client.read(`conversations?limit=${limit}&offset=${offset}`);
    const page = pageFrom(await jsonOf(response), offset, limit);
    if (!page) throw new ProxyError("unavailable", "no list of conversations");
    return page;
  } catch (thrown) {
    if (failureOf(thrown).kind === "away") return NONE;
    throw thrown;
  }
}

export async function closeChat(client: Client, id: string): Promise<void> {
  await gone(client, `conversations/${encodeURIComponent(id)}/close`, { method: "POST", body: {} });
}

/** Deletes one; one that is gone already counts as deleted. */
export async function deleteChat(client: Client, id: string): Promise<void> {
  await gone(client, `conversations/${encodeURIComponent(id)}`, { method: "DELETE" });
}

/** Deletes all of the visitor's. */
export async function deleteAllChats(client: Client): Promise<void> {
  await gone(client, "conversations", { method: "DELETE" });
}

/** A call after which something is not there any more: where it was not there, that is as well. */
async function gone(client: Client, path: string, call: Call): Promise<void> {
  try {
    await client.read(path, call);
  } catch (thrown) {
    const { kind } = failureOf(thrown);
    if (kind !== "gone" && kind !== "away") throw thrown;
  }
}

function pageFrom(body: Json, offset: number, limit: number): ChatPage | null {
  if (!isRecord(body) || !Array.isArray(body.data)) return null;
  const total = typeof body.total === "number" ? body.total : offset + body.data.length;
  return {
    total,
    chats: body.data.map(chatFrom).filter((chat) => chat !== null),
    count: Math.max(0, Math.min(limit, total - offset)),
    isErasing: body.deletion === "complete",
  };
}

function chatFrom(value: unknown): ListedChat | null {
  if (!isRecord(value)) return null;
  const id = textAt(value, "id");
  if (!id) return null;
  const lastAt = Date.parse(
    textAt(value, "lastInteractionAt") ?? textAt(value, "lastInterationAt") ?? "",
  );
  return {
    id,
    title: textAt(value, "title"),
    isOpen: value.status !== "closed",
    isHumanHandled: value.isHumanHandled === true,
    lastAt: Number.isNaN(lastAt) ? null : lastAt,
    lastText: isRecord(value.lastMessage) ? partsText(value.lastMessage.parts) : "",
  };
}

/** The chats that a search is for: every word of it stands in the title or in a text that is known. */
export function findChats(
  chats: readonly ListedChat[],
  search: string,
  textOf: (id: string) => string,
): ListedChat[] {
  const words = plain(search).split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...chats];
  return chats.filter(({ id, title, lastText }) => {
    const text = plain(`${title ?? ""} ${lastText} ${textOf(id)}`);
    return words.every((word) => text.includes(word));
  });
}

/** Without accents and upper case, which nobody types into a search. */
function plain(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{Mn}/gu, "")
    .toLowerCase();
}
