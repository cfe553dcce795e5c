/** A proxy made of a function: routes answer in the order they were given, and every call is kept. */
import { createClient, type ClientOptions } from "../../widget/src/core/client";
import { toJson } from "../../widget/src/core/natives";
import type { KeyValueStore } from "../../widget/src/core/types";

export interface SeenCall {
  route: string;
  body: unknown;
  headers: Record<string, string>;
  credentials: RequestCredentials | undefined;
  init: RequestInit;
}

type Reply = Response | ((call: SeenCall) => Response | Promise<Response>);

export class FakeProxy {
  readonly calls: SeenCall[] = [];
  readonly #replies = new Map<string, Reply[]>();

  /** Answers a route such as `POST conversations`; the last reply of a route is given for ever. */
  on(route: string, ...replies: Reply[]): this {
    this.#replies.set(route, [...(this.#replies.get(route) ?? []), ...replies]);
    return this;
  }

  fetch: typeof fetch = async (input, init = {}) => {
    init.signal?.throwIfAborted();
    const call = seen(String(input), init);
    this.calls.push(call);
    const replies = this.#replies.get(call.route);
    if (!replies?.length) throw new TypeError(`no reply for ${call.route}`);
    const reply = (replies.length > 1 ? replies.shift() : replies[0]) as Reply;
    return typeof reply === "function" ? reply(call) : reply.clone();
  };

  routes(): string[] {
    return this.calls.map(({ route }) => route);
  }

  to(route: string): SeenCall[] {
    return this.calls.filter((call) => call.route === route);
  }
}

function seen(url: string, init: RequestInit): SeenCall {
  return {
    route: `${init.method ?? "GET"} ${url.replace(/^https:\/\/proxy\.test\/(v2\/)?/, "")}`,
    body: typeof init.body === "string" ? JSON.parse(init.body) : undefined,
    headers: init.headers as Record<string, string>,
    credentials: init.credentials,
    init,
  };
}

export function json(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Response {
  return new Response(toJson(body), {
    status,
    headers: { "Content-Type": "application/json", ...headers },
  });
}

export function failure(status: number, details: Record<string, unknown> = {}): Response {
  return json(status, { error: { message: "No.", code: "CODE", details } });
}

export type Chunk = Record<string, unknown> | "[DONE]" | "cut";

/** The events of an answer as a server writes them. */
export function wire(chunks: readonly Chunk[]): string {
  const data = chunks.filter((chunk) => chunk !== "cut");
  return data.map((one) => `data: ${one === "[DONE]" ? one : toJson(one)}\n\n`).join("");
}

export function delta(text: string, id = "t"): Chunk {
  return { type: "text-delta", id, delta: text };
}

/** A whole answer of one text part. */
export function whole(...texts: string[]): Chunk[] {
  return [
    { type: "start", messageId: "m1" },
    { type: "text-start", id: "t" },
    ...texts.map((text) => delta(text)),
    { type: "text-end", id: "t" },
    { type: "finish" },
    "[DONE]",
  ];
}

export function bytesOf(pieces: readonly Uint8Array[], broken = false): ReadableStream<Uint8Array> {
  const left = [...pieces];
  return new ReadableStream({
    pull(controller) {
      const piece = left.shift();
      if (piece) controller.enqueue(piece);
      else if (broken) controller.error(new TypeError("network error"));
      else controller.close();
    },
  });
}

export function stream(chunks: readonly Chunk[]): () => Response {
  return () =>
    new Response(bytesOf([new TextEncoder().encode(wire(chunks))], chunks.includes("cut")), {
      headers: { "Content-Type": "text/event-stream; charset=utf-8" },
    });
}

/** An answer that is written as the test goes on. */
export function openStream() {
  let controller: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) });
  const reply = ({ init }: SeenCall) => {
    init.signal?.addEventListener("abort", () =>
      controller.error(new DOMException("", "AbortError")),
    );
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  };
  return {
    reply,
    write: (...chunks: Chunk[]) => controller.enqueue(new TextEncoder().encode(wire(chunks))),
    end: () => controller.close(),
  };
}

/** A visitor whose cookie comes back, with one conversation. */
export function friendlyProxy(): FakeProxy {
  return new FakeProxy()
    .on("POST identity/init", json(201, { visitor: { object: "visitor", id: "v" } }))
    .on("GET identity/me", json(200, { object: "visitor", id: "v" }))
    .on("GET healthz", json(200, {}))
    .on("POST conversations", json(201, { object: "conversation", id: "c1" }));
}

export const SEND = "POST conversations/c1/messages";
export const STREAM = "GET conversations/c1/stream";
export const HISTORY = "GET conversations/c1";

/** A client of this proxy, as the widget has it unless `options` say otherwise. */
export function clientOf(proxy: FakeProxy, options: Partial<ClientOptions> = {}) {
  return createClient({
    proxy: "https://proxy.test",
    site: "demo",
    transport: "auto",
    nameSite: false,
    fetch: proxy.fetch,
    ...options,
  });
}

/** Waits until the chat is as a test needs it. */
export function until(
  chat: { subscribe(listener: () => void): () => void },
  isReached: () => boolean,
): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!isReached()) return;
      end();
      resolve();
    };
    const end = chat.subscribe(look);
    look();
  });
}

export function memoryStore(kept: Record<string, string> = {}): KeyValueStore & { kept: object } {
  const values = new Map(Object.entries(kept));
  return {
    get kept() {
      return Object.fromEntries(values);
    },
    get: async (key) => values.get(key) ?? null,
    set: async (key, value) => void values.set(key, value),
    remove: async (key) => void values.delete(key),
  };
}
