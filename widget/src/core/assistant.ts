/** The proxy's v2 interface as a chat uses it. Every call throws `ProxyError`, or the signal's reason where it was aborted. */
import type { Client } from "./client";
import { ProxyError } from "./failure";
import { jsonOf } from "./http";
import { conversationFrom } from "./messages";
import { answerEvents, type AnswerEvent, type Reading } from "./stream";
import type { Feedback, PageContext, StoredConversation } from "./types";

export interface Message {
  content: string;
  pageContext: PageContext | null;
  /** `Idempotency-Key`: a repeat with the same key joins the answer under way. ASCII, at most 255. */
  key: string;
}

/** How an answer is followed. */
export interface Follow extends Reading {
  signal: AbortSignal;
  /** `Last-Event-ID`: go on after it. */
  after?: string | null;
}

/** What became of a sent message. */
export type Sent =
  | { kind: "answer"; events: AsyncGenerator<AnswerEvent> }
  /** A person has taken over: no answer comes on this connection. */
  | { kind: "person" };

export class Assistant {
  readonly client: Client;

  constructor(client: Client) {
    this.client = client;
  }

  async startConversation(pageUrl: string | null, signal: AbortSignal): Promise<string> {
    const body = pageUrl === null ? {} : { context: { pageUrl } };
    const response = await this.client.ask("conversations", { method: "POST", body, signal });
    const conversation = conversationFrom(await jsonOf(response));
    if (!conversation) throw new ProxyError("unavailable", "no conversation id");
    return conversation.id;
  }

  /** Reads with the session of an earlier visit; never makes a new one. */
  async conversation(id: string): Promise<StoredConversation> {
    const response = await this.client.read(`conversations/${encodeURIComponent(id)}`);
    const conversation = conversationFrom(await jsonOf(response));
    if (!conversation) throw new ProxyError("unavailable", "no conversation id");
    return conversation;
  }

  async send(conversation: string, message: Message, follow: Follow): Promise<Sent> {
    const { content, pageContext, key } = message;
    const response = await this.client.ask(
      `conversations/${encodeURIComponent(conversation)}/messages`,
      {
        method: "POST",
        body: { content, stream: true, pageContext },
        headers: { "Idempotency-Key": key, Accept: "text/event-stream" },
        signal: follow.signal,
        isStream: true,
      },
    );
    const type = response.headers.get("Content-Type") ?? "";
    if (response.status === 202 || type.startsWith("text/plain")) return { kind: "person" };
    return { kind: "answer", events: eventsOf(response, follow) };
  }

  /** The answer under way, from its beginning or after a place in it; or null where none is. */
  async resume(conversation: string, follow: Follow): Promise<AsyncGenerator<AnswerEvent> | null> {
    const path = `conversations/${encodeURIComponent(conversation)}/stream`;
    const { signal, after } = follow;
    const headers = after ? { "Last-Event-ID": after } : undefined;
    const response = await this.client.read(path, {
      signal,
      isStream: true,
      ...(headers && { headers }),
    });
    if (response.status === 204) return null;
    return eventsOf(response, follow);
  }

  /** Stops the answer under way; where none is, nothing happens. */
  async stop(conversation: string): Promise<void> {
    const path = `conversations/${encodeURIComponent(conversation)}/stop`;
    await this.client.ask(path, { method: "POST", body: {} });
  }

  async feedback(message: string, feedback: Feedback | null): Promise<void> {
    const path = `messages/${encodeURIComponent(message)}/feedback`;
    await this.client.ask(path, { method: "POST", body: { feedback } });
  }
}

function eventsOf(response: Response, follow: Follow): AsyncGenerator<AnswerEvent> {
  const type = response.headers.get("Content-Type") ?? "";
  if (!response.body || !type.startsWith("text/event-stream"))
    throw new ProxyError("unavailable", `no stream but ${type}`);
  return answerEvents(response.body, follow);
}
