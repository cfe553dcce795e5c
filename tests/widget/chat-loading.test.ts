/** The chat before what does its work is loaded. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Channel } from "../../widget/src/core/tabs";
import { friendlyProxy, memoryStore, SEND, stream, whole, clientOf } from "./fake-proxy";

const LIVE = "../../widget/src/core/live-chat";
const network = { isThere: true };

beforeEach(() => {
  network.isThere = true;
  vi.resetModules();
  vi.doMock(LIVE, async (importOriginal) => {
    if (!network.isThere) throw new TypeError("Failed to fetch dynamically imported module");
    return importOriginal();
  });
});

afterEach(() => vi.doUnmock(LIVE));

async function chatWith(memory = memoryStore(), channel?: Channel) {
  const { Chat } = await import("../../widget/src/core/chat");
  const proxy = friendlyProxy().on(SEND, stream(whole("Yes.")));
  const client = clientOf(proxy);
  const tabs = channel ? { channel, name: "t", hold: async () => {} } : null;
  return { chat: new Chat(client, memory, { tabs }), proxy, memory };
}

test("a question that finds nothing to send it is kept, and sent when there is", async () => {
  const { chat, proxy } = await chatWith();
  network.isThere = false;
  await chat.ask("One?", { title: "Page" });
  await chat.ask("Two?", null);
  expect(chat.state).toMatchObject({
    activity: "idle",
    entries: [
      { text: "One?", state: "failed", failure: { kind: "dropped" } },
      { text: "Two?", state: "failed" },
    ],
  });
  network.isThere = true;
  await chat.retry(chat.state.entries[0]?.id ?? "");
  expect(proxy.to(SEND)[0]?.body).toMatchObject({
    content: "One?",
    pageContext: { title: "Page" },
  });
  // The other one stays where it was.
  expect(chat.state.entries).toMatchObject([
    { text: "Two?", state: "failed" },
    { text: "One?", state: "sent" },
    { text: "Yes.", state: "complete" },
  ]);
});

test("a question that could not be sent goes back to be changed", async () => {
  const { chat } = await chatWith();
  network.isThere = false;
  await chat.ask("One?", null);
  expect(chat.withdraw(chat.state.entries[0]?.id ?? "")).toBe("One?");
  expect(chat.state.entries).toEqual([]);
});

test("an earlier chat that cannot be loaded is said to be so, and nothing of it is forgotten", async () => {
  network.isThere = false;
  const { chat, memory } = await chatWith(memoryStore({ conversation: "c1" }));
  await chat.restore();
  expect(chat.state.entries).toMatchObject([{ kind: "notice", notice: "chat-unreachable" }]);
  expect(memory.kept).toEqual({ conversation: "c1" });
});

test("nothing is asked or kept while nobody writes", async () => {
  const { chat, proxy, memory } = await chatWith();
  await chat.restore();
  await chat.keepDraft("half a thought");
  expect(proxy.calls).toEqual([]);
  expect(memory.kept).toEqual({});
});

test("what another tab tells is listened to, what it asks is not", async () => {
  let hear: (message: unknown) => void = () => {};
  const posted: unknown[] = [];
  const channel: Channel = {
    post: (message) => void posted.push(message),
    listen: (listener) => (hear = listener),
    close: () => {},
  };
  const { chat } = await chatWith(memoryStore(), channel);
  hear({ from: "x", news: { type: "hello" } });
  hear("nonsense");
  await vi.dynamicImportSettled();
  expect(posted).toEqual([]);
  hear({ from: "x", news: { type: "change" } });
  await vi.waitFor(() => expect(posted).toMatchObject([{ news: { type: "hello" } }]));
  chat.close();
});

test("a question that waits for what sends it can be taken back, and is not sent later", async () => {
  const { chat, proxy } = await chatWith();
  const isShown = new Promise<void>((resolve) => chat.subscribe(resolve));
  const asking = chat.ask("One?", null);
  await isShown;
  expect(chat.state).toMatchObject({ activity: "sending", entries: [{ text: "One?" }] });
  chat.stop();
  expect(await asking).toBe(false);
  expect(chat.state).toMatchObject({ activity: "idle", entries: [] });
  expect(await chat.ask("Two?", null)).toBe(true);
  expect(proxy.to(SEND).map(({ body }) => body)).toMatchObject([{ content: "Two?" }]);
});

test("a question that finds nothing to send it is the draft after a reload, until it is sent", async () => {
  const { chat, memory } = await chatWith();
  network.isThere = false;
  await chat.ask("One?", null);
  expect(await (await chatWith(memory)).chat.draft()).toBe("One?");
  network.isThere = true;
  await chat.retry(chat.state.entries[0]?.id ?? "");
  expect(await (await chatWith(memory)).chat.draft()).toBe("");
});

/** What goes along, once a test says that it is there. */
function ready() {
  let come: () => void = () => {};
  return { coming: new Promise<void>((resolve) => (come = resolve)), come: () => come() };
}

test.each(["the first", "a later"])(
  "%s question waits for what goes along: shown, kept over a reload, and sent once",
  async (which) => {
    const { chat, proxy, memory } = await chatWith();
    if (which === "a later") await chat.ask("Before?", null);
    const { coming, come } = ready();
    let gathered = 0;
    const gather = () => ({ context: { title: `Page ${++gathered}` }, isEarly: false });
    const sentBefore = proxy.to(SEND).length;
    const asking = chat.askWhen(coming, "One?", gather);
    await vi.waitFor(() => expect(chat.state.activity).toBe("sending"));
    expect(chat.state.entries.at(-1)).toMatchObject({ text: "One?", state: "waiting" });
    expect(await chat.askWhen(coming, "One?", gather)).toBe(false);
    expect(await (await chatWith(memory)).chat.draft()).toBe("One?");
    expect([proxy.to(SEND).length, gathered]).toEqual([sentBefore, 0]);
    come();
    expect(await asking).toBe(true);
    expect(proxy.to(SEND).slice(sentBefore)).toMatchObject([
      { body: { content: "One?", pageContext: { title: "Page 1" } } },
    ]);
    expect(chat.state.entries.slice(-2)).toMatchObject([{ text: "One?" }, { text: "Yes." }]);
    expect(await (await chatWith(memory)).chat.draft()).toBe("");
  },
);

test.each(["stop", "clear", "close"] as const)(
  "a question that waits for what goes along is not sent after %s",
  async (what) => {
    const { chat, proxy } = await chatWith();
    await chat.ask("Before?", null);
    const { coming, come } = ready();
    const asking = chat.askWhen(coming, "One?", () => ({ context: null }));
    await vi.waitFor(() => expect(chat.state.activity).toBe("sending"));
    void chat[what]();
    if (what === "close") come();
    // Closed with the panel, it is nobody's to take back.
    expect(await asking).toBe(what === "close");
    come();
    await vi.dynamicImportSettled();
    expect(chat.state.entries).not.toContainEqual(expect.objectContaining({ text: "One?" }));
    expect(proxy.to(SEND).map(({ body }) => body)).toMatchObject([{ content: "Before?" }]);
  },
);
