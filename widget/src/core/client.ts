/** The proxy's v2 interface as the panel uses it. No rendering, no state but the session. */
import { errorOf, ProxyError } from "./failure";
import { Http, jsonOf, succeeded, type Call, type Credential } from "./http";
import { Session } from "./session";
import { conversationFrom, lookFrom } from "./shapes";
import { answerEvents, type AnswerEvent } from "./stream";
import type { Feedback, KeyValueStore, Look, PageContext, StoredConversation } from "./types";

export interface ClientOptions {
  /** The proxy's origin, without a trailing slash. */
  proxy: string;
  /** The site's id, which is its publishable key. */
  site: string;
  /** `auto` tries a cookie and falls back on a token; `token` never uses cookies. */
  transport: "auto" | "token";
  /** Send `X-Asklight-Site`: for the proxy's own pages and extensions, whose origin names no site. */
  nameSite: boolean;
  /** Where a token is kept; absent: in memory. */
  tokens?: KeyValueStore;
  fetch?: typeof fetch;
}

export interface Message {
  content: string;
  pageContext: PageContext | null;
  /** `Idempotency-Key`: a repeat with the same key joins the answer under way. ASCII, at most 255. */
  key: string;
}

/** What became of a sent message. */
export type Sent =
  | { kind: "answer"; events: AsyncGenerator<AnswerEvent> }
  /** A person has taken over: no answer comes on this connection. */
  | { kind: "person" };

/** Every call throws `ProxyError`, or the signal's reason where it was aborted. */
export interface Client {
  /** False once only this page's memory knows the session. */
  readonly outlivesReload: boolean;
  look(): Promise<Look>;
  startConversation(pageUrl: string | null, signal: AbortSignal): Promise<string>;
  /** Reads with the session of an earlier visit; never makes a new one. */
  conversation(id: string): Promise<StoredConversation>;
  send(conversation: string, message: Message, signal: AbortSignal): Promise<Sent>;
  /** The answer under way from its beginning, or null where none is. */
  resume(conversation: string, signal: AbortSignal): Promise<AsyncGenerator<AnswerEvent> | null>;
  /** Stops the answer under way; where none is, nothing happens. */
  stop(conversation: string): Promise<void>;
  feedback(message: string, feedback: Feedback | null): Promise<void>;
}

export function createClient(options: ClientOptions): Client {
  return new ProxyClient(options);
}

class ProxyClient implements Client {
  readonly #site: string;
  readonly #http: Http;
  readonly #session: Session;

  constructor(options: ClientOptions) {
    const { proxy, site, transport, nameSite, tokens, fetch } = options;
    this.#site = site;
    this.#http = new Http({ proxy, namedSite: nameSite ? site : null, ...(fetch && { fetch }) });
    this.#session = new Session(this.#http, { site, transport, ...(tokens && { tokens }) });
  }

  get outlivesReload(): boolean {
    return this.#session.outlivesReload;
  }

  async look(): Promise<Look> {
    const path = `projects/current?apiKey=${encodeURIComponent(this.#site)}`;
    return lookFrom(await jsonOf(await succeeded(await this.#http.call(path))));
  }

  async startConversation(pageUrl: string | null, signal: AbortSignal): Promise<string> {
    const body = pageUrl === null ? {} : { context: { pageUrl } };
    const response = await this.#ask("conversations", { method: "POST", body, signal });
    const conversation = conversationFrom(await jsonOf(response));
    if (!conversation) throw new ProxyError("unavailable", "no conversation id");
    return conversation.id;
  }

  async conversation(id: string): Promise<StoredConversation> {
    const response = await this.#read(`conversations/${encodeURIComponent(id)}`);
    const conversation = conversationFrom(await jsonOf(await succeeded(response)));
    if (!conversation) throw new ProxyError("unavailable", "no conversation id");
    return conversation;
  }

  async send(conversation: string, message: Message, signal: AbortSignal): Promise<Sent> {
    const { content, pageContext, key } = message;
    const response = await this.#ask(`conversations/${encodeURIComponent(conversation)}/messages`, {
      method: "POST",
      body: { content, stream: true, pageContext },
      headers: { "Idempotency-Key": key, Accept: "text/event-stream" },
      signal,
      isStream: true,
    });
    const type = response.headers.get("Content-Type") ?? "";
    if (response.status === 202 || type.startsWith("text/plain")) return { kind: "person" };
    return { kind: "answer", events: eventsOf(response) };
  }

  async resume(
    conversation: string,
    signal: AbortSignal,
  ): Promise<AsyncGenerator<AnswerEvent> | null> {
    const path = `conversations/${encodeURIComponent(conversation)}/stream`;
    const response = await this.#read(path, { signal, isStream: true });
    if (response.status === 204) return null;
    return eventsOf(await succeeded(response));
  }

  async stop(conversation: string): Promise<void> {
    const path = `conversations/${encodeURIComponent(conversation)}/stop`;
    await this.#ask(path, { method: "POST", body: {} });
  }

  async feedback(message: string, feedback: Feedback | null): Promise<void> {
    const path = `messages/${encodeURIComponent(message)}/feedback`;
    await this.#ask(path, { method: "POST", body: { feedback } });
  }

  /** A call that may begin a session, and renews it once where it has ended. */
  async #ask(path: string, call: Call): Promise<Response> {
    const credential = await this.#session.begin();
    const response = await this.#http.call(path, { ...call, credential });
    if (response.status !== 401) return succeeded(response);
    const renewed = await this.#session.renew(credential);
    return succeeded(await this.#http.call(path, { ...call, credential: renewed }));
  }

  /** A call with the session there is; 401 where there is none. */
  async #read(path: string, call: Call = {}): Promise<Response> {
    const credential: Credential | null = await this.#session.earlier();
    if (!credential) throw errorOf(401, null, null);
    const response = await this.#http.call(path, { ...call, credential });
    if (response.ok) this.#session.prove(credential);
    return response;
  }
}

function eventsOf(response: Response): AsyncGenerator<AnswerEvent> {
  const type = response.headers.get("Content-Type") ?? "";
  if (!response.body || !type.startsWith("text/event-stream"))
    throw new ProxyError("unavailable", `no stream but ${type}`);
  return answerEvents(response.body);
}
