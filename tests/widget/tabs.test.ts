import { describe, expect, test } from "vitest";
import { LiveChat as Chat } from "../../widget/src/core/live-chat";
import { openAnswer } from "../../widget/src/core/conversation";
import type { Channel, Hold } from "../../widget/src/core/tabs";
import {
  delta,
  failure,
  FakeProxy,
  friendlyProxy,
  json,
  memoryStore,
  openStream,
  SEND,
  stream,
  whole,
  clientOf,
  STREAM,
  HISTORY,
  until,
} from "./fake-proxy";

/** What a browser gives its tabs: each message to all others in order, and locks that end with their tab. */
class FakeBrowser {
  readonly #listeners = new Map<object, (message: unknown) => void>();
  readonly #queues = new Map<string, Promise<void>>();
  readonly memory = memoryStore();

  open(proxy: FakeProxy, tokens?: ReturnType<typeof memoryStore>) {
    const closing = new AbortController();
    const channel: Channel = {
      post: (message) => {
        const copy = structuredClone(message);
        for (const [owner, listener] of this.#listeners)
          if (owner !== channel) queueMicrotask(() => listener(copy));
      },
      listen: (listener) => void this.#listeners.set(channel, listener),
      close: () => void this.#listeners.delete(channel),
    };
    const hold: Hold = async (name, signal, work) => {
      const before = this.#queues.get(name) ?? Promise.resolve();
      const gone = new Promise<void>((resolve) => {
        for (const each of [signal, closing.signal])
          each.addEventListener("abort", () => resolve());
      });
      const held = before.then(() => (signal.aborted ? undefined : Promise.race([work(), gone])));
      this.#queues.set(name, held);
      await held;
    };
    const client = clientOf(proxy, tokens && { transport: "token", tokens });
    const chat = new Chat(client, this.memory, { tabs: { channel, hold, name: "t" } });
    const crash = () => {
      chat.close();
      closing.abort();
    };
    return { chat, crash, proxy, post: channel.post };
  }
}

const textOf = (chat: Chat) => openAnswer(chat.state)?.text;
const asked = { id: "q1", role: "user", parts: [{ type: "text", text: "Why?" }] };
const stored = json(200, { id: "c1", status: "open", messages: [asked] });

async function asking(answer = openStream()) {
  const browser = new FakeBrowser();
  const first = browser.open(friendlyProxy().on(SEND, answer.reply));
  const second = browser.open(new FakeProxy());
  void first.chat.ask("Why?", { title: "Page" });
  await until(second.chat, () => second.chat.state.activity === "streaming");
  return { browser, first, second, answer };
}

describe("two tabs", () => {
  test("show the same question and answer, and one of them reads it", async () => {
    const { first, second, answer } = await asking();
    answer.write(delta("Be"), delta("cause."));
    await until(second.chat, () => textOf(second.chat) === "Because.");
    expect({ ...second.chat.state, isHeard: undefined }).toEqual({
      ...first.chat.state,
      isHeard: undefined,
    });
    answer.write({ type: "finish" }, "[DONE]");
    await until(second.chat, () => second.chat.state.activity === "idle");
    await until(first.chat, () => first.chat.state.activity === "idle");
    expect({ ...second.chat.state, isHeard: undefined }).toEqual({
      ...first.chat.state,
      isHeard: undefined,
    });
    expect(second.proxy.calls).toEqual([]);
  });

  test("of which one begins in the middle has the whole of it, without asking the proxy", async () => {
    const { browser, first, answer } = await asking();
    answer.write(delta("Be"));
    await until(first.chat, () => textOf(first.chat) === "Be");
    const third = browser.open(new FakeProxy());
    await third.chat.restore();
    answer.write(delta("cause."));
    await until(third.chat, () => textOf(third.chat) === "Because.");
    expect({ ...third.chat.state, isHeard: undefined }).toEqual({
      ...first.chat.state,
      isHeard: undefined,
    });
    expect(third.proxy.calls).toEqual([]);
  });

  test("stop the answer from either", async () => {
    const { first, second, answer } = await asking();
    first.proxy.on("POST conversations/c1/stop", json(200, { stopped: true }));
    second.chat.stop();
    await until(first.chat, () => first.chat.state.activity === "stopping");
    answer.write({ type: "abort" }, "[DONE]");
    await until(second.chat, () => second.chat.state.activity === "idle");
    expect(second.chat.state.entries.at(-1)).toMatchObject({ state: "stopped" });
    expect(first.proxy.to("POST conversations/c1/stop")).toHaveLength(1);
  });

  test("of which the reading one goes away: of three, one goes on and asks after the last place", async () => {
    const browser = new FakeBrowser();
    let write: (text: string) => void = () => {};
    const first = browser.open(
      friendlyProxy().on(SEND, () => {
        const body = new ReadableStream<Uint8Array>({
          start: (controller) =>
            void (write = (text) => controller.enqueue(new TextEncoder().encode(text))),
        });
        return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
      }),
    );
    const answer = openStream();
    const proxies = [0, 1].map(() => new FakeProxy().on(STREAM, answer.reply));
    const others = proxies.map((proxy) => browser.open(proxy));
    void first.chat.ask("Why?", null);
    await until(first.chat, () => first.chat.state.activity === "streaming");
    write(`id: T:7\ndata: ${JSON.stringify(delta("Be"))}\n\n`);
    for (const { chat } of others) await until(chat, () => textOf(chat) === "Be");
    first.crash();
    const calls = () => proxies.flatMap((proxy) => proxy.to(STREAM));
    await until(others[0]!.chat, () => calls().length > 0);
    answer.write(delta("cause."), "[DONE]");
    for (const { chat } of others) await until(chat, () => chat.state.activity === "idle");
    for (const { chat } of others)
      expect(chat.state.entries.at(-1)).toMatchObject({ text: "Because.", state: "complete" });
    expect(calls().map(({ headers }) => headers["Last-Event-ID"])).toEqual(["T:7"]);
  });

  test("a question that the lost tab was sending is kept, and sent again with its key", async () => {
    const browser = new FakeBrowser();
    const never = () => new Promise<Response>(() => {});
    const first = browser.open(friendlyProxy().on(SEND, never));
    const second = browser.open(
      friendlyProxy()
        .on(STREAM, () => new Response(null, { status: 204 }))
        .on(HISTORY, json(200, { id: "c1", messages: [] }))
        .on(SEND, stream(whole("Because."))),
    );
    void first.chat.ask("Why?", { content: "Text." });
    await until(second.chat, () => second.chat.state.id === "c1");
    first.crash();
    await until(second.chat, () => second.chat.state.activity === "idle");
    const [question] = second.chat.state.entries;
    expect(question).toMatchObject({ state: "failed", failure: { kind: "dropped" } });
    await second.chat.retry(question?.id ?? "");
    const [sent] = second.proxy.to(SEND);
    expect(sent?.headers["Idempotency-Key"]).toBe(
      question?.kind === "question" ? question.key : null,
    );
    expect(sent?.body).toMatchObject({ content: "Why?", pageContext: { content: "Text." } });
  });

  test("both begin anew when one does", async () => {
    const browser = new FakeBrowser();
    const first = browser.open(friendlyProxy().on(SEND, stream(whole("Yes."))));
    const second = browser.open(friendlyProxy());
    await first.chat.ask("Why?", null);
    await until(second.chat, () => second.chat.state.entries.length === 2);
    await first.chat.clear();
    await until(second.chat, () => second.chat.state.entries.length === 0);
    expect(second.chat.state.id).toBeNull();
  });

  test("are strangers where the session lives in one tab alone", async () => {
    const browser = new FakeBrowser();
    const blocked = new FakeProxy()
      .on("POST identity/init", json(201, { sessionToken: "T" }))
      .on("GET identity/me", failure(401))
      .on("POST conversations", json(201, { id: "c1" }))
      .on(SEND, stream(whole("Yes.")));
    const first = browser.open(blocked);
    const second = browser.open(new FakeProxy());
    await first.chat.ask("Why?", null);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(second.chat.state.entries).toEqual([]);
  });
});

test.each([
  null,
  "hello",
  { from: 1, news: { type: "hello" } },
  { from: "x", news: null },
  { from: "x", news: { type: "change", number: 1, line: "l", change: "text" } },
  { from: "x", news: { type: "state", line: "l", seen: {}, shared: { state: { entries: 1 } } } },
  { from: "x", news: { type: "state", isSwitch: true, seen: {}, shared: null } },
  ...[
    null,
    { id: "1", kind: "answer", text: "" },
    { id: "1", kind: "plan" },
    { kind: "notice" },
  ].map((entry) => ({
    from: "x",
    news: { type: "state", isSwitch: true, seen: {}, shared: { state: { entries: [entry] } } },
  })),
  { from: "x", news: { type: "constructor" } },
])(
  "what a page's script says on the channel and no tab of ours would changes nothing: %j",
  async (message) => {
    const browser = new FakeBrowser();
    const { chat } = browser.open(friendlyProxy().on(SEND, stream(whole("Yes."))));
    await chat.ask("Why?", null);
    const before = chat.state;
    browser.open(new FakeProxy()).post(message);
    await new Promise((resolve) => setTimeout(resolve));
    expect(chat.state).toBe(before);
  },
);

test("a conversation that is gone from the server is asked for by the tab that has no other", async () => {
  const browser = new FakeBrowser();
  await browser.memory.set("conversation", "c1");
  const { chat, proxy } = browser.open(
    friendlyProxy()
      .on(HISTORY, stored)
      .on(STREAM, stream(whole("Yes."))),
  );
  await chat.restore();
  await until(chat, () => chat.state.entries.length === 2 && chat.state.activity === "idle");
  expect(proxy.to(HISTORY)).not.toEqual([]);
});
