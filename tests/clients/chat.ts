/**
 * One chat of a published `ai` package, led from outside: a line of JSON in is something its user does, a line of
 * JSON out is what they see after each change, or how an answer ended.
 *
 *     node chat.ts '{"sdk":"ai7","origin":"http://127.0.0.1:8080","door":"chat"}'
 *
 * It has a session of its own by token, or the one whose `token` it is given.
 */

import { createInterface } from "node:readline";
import type { ChatState, ChatStatus, UIMessage } from "ai7";

interface Settings {
  sdk: "ai5" | "ai6" | "ai7";
  origin: string;
  /** Where it asks: at `/v2/chat` with nothing but defaults, or as the contract has it. */
  door: "chat" | "contract";
  chat: string;
  token?: string;
  /** What is in the chat already, as a page that was reloaded has it. */
  history?: UIMessage[];
}

interface Deed {
  do: "send" | "regenerate" | "stop" | "resume";
  text?: string;
  body?: Record<string, unknown>;
}

function tell(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** A chat's state as a user sees it, told after every change. */
class SeenState implements ChatState<UIMessage> {
  #status: ChatStatus = "ready";
  #error: Error | undefined;
  #messages: UIMessage[];

  constructor(history: UIMessage[]) {
    this.#messages = history;
  }

  get status(): ChatStatus {
    return this.#status;
  }
  set status(status: ChatStatus) {
    this.#status = status;
    this.#tell();
  }

  get error(): Error | undefined {
    return this.#error;
  }
  set error(error: Error | undefined) {
    this.#error = error;
    this.#tell();
  }

  get messages(): UIMessage[] {
    return this.#messages;
  }
  set messages(messages: UIMessage[]) {
    this.#messages = messages;
    this.#tell();
  }

  pushMessage = (message: UIMessage): void => {
    this.messages = [...this.#messages, message];
  };
  popMessage = (): void => {
    this.messages = this.#messages.slice(0, -1);
  };
  replaceMessage = (index: number, message: UIMessage): void => {
    this.messages = this.#messages.with(index, structuredClone(message));
  };
  snapshot = <T>(thing: T): T => structuredClone(thing);

  #tell(): void {
    const messages = this.#messages.map(({ id, role, parts }) => {
      const texts = parts.map((part) => (part.type === "text" ? part.text : ""));
      return { id, role, text: texts.join("") };
    });
    tell({ status: this.#status, error: this.#error?.message ?? null, messages });
  }
}

async function post(url: string, headers: Record<string, string>, body: object): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

const settings = JSON.parse(process.argv[2] ?? "{}") as Settings;
const base = `${settings.origin}/v2`;
const { AbstractChat, DefaultChatTransport } = (await import(settings.sdk)) as typeof import("ai7");

async function newToken(): Promise<string> {
  const page = { origin: settings.origin };
  const made = await post(`${base}/identity/init`, page, { apiKey: "demo", saVid: "v-1" });
  return (made as { sessionToken: string }).sessionToken;
}

/** The contract's own operations, for a page that knows them. */
async function contractTransport(headers: Record<string, string>) {
  const made = await post(`${base}/conversations`, headers, {});
  const conversation = `${base}/conversations/${(made as { id: string }).id}`;
  return new DefaultChatTransport({
    prepareSendMessagesRequest: ({ messages }) => {
      const texts = (messages.at(-1)?.parts ?? []).map((p) => (p.type === "text" ? p.text : ""));
      const body = { content: texts.join(""), stream: true };
      return { api: `${conversation}/messages`, headers, body };
    },
    prepareReconnectToStreamRequest: () => ({ api: `${conversation}/stream`, headers }),
  });
}

const token = settings.token ?? (await newToken());
const headers = { authorization: `Bearer ${token}` };
const transport =
  settings.door === "chat"
    ? new DefaultChatTransport({ api: `${base}/chat`, headers })
    : await contractTransport(headers);

class LedChat extends AbstractChat<UIMessage> {}

const chat = new LedChat({
  id: settings.chat,
  transport,
  state: new SeenState(settings.history ?? []),
  onFinish: ({ isAbort, isDisconnect, isError }) => tell({ isAbort, isDisconnect, isError }),
});
tell({ token });

const deeds = {
  send: ({ text = "", body }: Deed) => chat.sendMessage({ text }, body ? { body } : {}),
  regenerate: () => chat.regenerate(),
  resume: () => chat.resumeStream(),
  stop: () => chat.stop(),
};
for await (const line of createInterface({ input: process.stdin })) {
  const deed = JSON.parse(line) as Deed;
  void deeds[deed.do](deed).then(() => tell({ done: deed.do }));
}
