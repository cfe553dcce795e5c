import { describe, expect, test, vi } from "vitest";
import { LiveChat as Chat } from "../../widget/src/core/live-chat";
import { EMPTY, type Answer, type Question } from "../../widget/src/core/conversation";
import { RECONNECT_MS, STOP_MS } from "../../widget/src/core/limits";
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

const STOP = "POST conversations/c1/stop";
const CONTEXT = { url: "https://example.com/", content: "Text." };

const none = () => new Response(null, { status: 204 });

function chatWith(proxy: FakeProxy, memory = memoryStore()) {
  const client = clientOf(proxy);
  return { chat: new Chat(client, memory), memory, proxy };
}

function questions(chat: Chat): Question[] {
  return chat.state.entries.filter((entry) => entry.kind === "question");
}

function answers(chat: Chat): Answer[] {
  return chat.state.entries.filter((entry) => entry.kind === "answer");
}

function notices(chat: Chat): string[] {
  return chat.state.entries
    .map((entry) => (entry.kind === "notice" ? entry.notice : ""))
    .filter(Boolean);
}

function keysSent(proxy: FakeProxy): (string | undefined)[] {
  return proxy.to(SEND).map(({ headers }) => headers["Idempotency-Key"]);
}

const stored = (...messages: object[]) => json(200, { id: "c1", status: "open", messages });
const asked = { id: "q1", role: "user", parts: [{ type: "text", text: "Why?" }] };
const answered = {
  id: "a1",
  role: "assistant",
  parts: [{ type: "text", text: "Because." }],
  status: "complete",
};

describe("asking", () => {
  test("sends the question with what goes along, and keeps it as the receipt", async () => {
    const { chat, proxy } = chatWith(friendlyProxy().on(SEND, stream(whole("Be", "cause."))));
    await chat.ask("Why?", CONTEXT);
    expect(proxy.to(SEND)[0]?.body).toEqual({
      content: "Why?",
      stream: true,
      pageContext: CONTEXT,
    });
    expect(questions(chat)).toMatchObject([{ text: "Why?", context: CONTEXT, state: "sent" }]);
    expect(answers(chat)).toMatchObject([{ text: "Because.", state: "complete", messageId: "m1" }]);
    expect(chat.state.activity).toBe("idle");
  });

  test("shows each piece of the answer as it comes", async () => {
    const answer = openStream();
    const { chat } = chatWith(friendlyProxy().on(SEND, answer.reply));
    const asking = chat.ask("Why?", null);
    await until(chat, () => chat.state.activity === "streaming");
    answer.write(delta("Be"));
    await until(chat, () => answers(chat)[0]?.text === "Be");
    answer.write(delta("cause."), "[DONE]");
    await asking;
    expect(answers(chat)).toMatchObject([{ text: "Because.", state: "complete" }]);
  });

  test("goes on in the same conversation, each question with a key of its own", async () => {
    const { chat, proxy } = chatWith(friendlyProxy().on(SEND, stream(whole("Yes."))));
    await chat.ask("One?", null);
    await chat.ask("Two?", null);
    expect(proxy.to("POST conversations")).toHaveLength(1);
    expect(new Set(keysSent(proxy)).size).toBe(2);
  });

  test("does nothing while an answer is on its way", async () => {
    const answer = openStream();
    const { chat, proxy } = chatWith(friendlyProxy().on(SEND, answer.reply));
    const asking = chat.ask("One?", null);
    await until(chat, () => chat.state.activity === "streaming");
    await chat.ask("Two?", null);
    answer.write("[DONE]");
    await asking;
    expect(proxy.to(SEND)).toHaveLength(1);
  });

  test("is told when a person has taken over", async () => {
    const { chat } = chatWith(
      friendlyProxy().on(SEND, new Response("Message sent", { status: 202 })),
    );
    await chat.ask("Why?", null);
    expect(questions(chat)).toMatchObject([{ state: "sent" }]);
    expect(notices(chat)).toEqual(["person-took-over"]);
    expect(chat.state.activity).toBe("idle");
  });

  test("learns the message's name from the history where the stream does not say it", async () => {
    const nameless = stream([delta("Because."), "[DONE]"]);
    const { chat } = chatWith(
      friendlyProxy().on(SEND, nameless).on(HISTORY, stored(asked, answered)),
    );
    await chat.ask("Why?", null);
    expect(answers(chat)).toMatchObject([{ messageId: "a1", state: "complete" }]);
  });
});

describe("a question that is not accepted", () => {
  test.each([
    [429, "limited"],
    [422, "invalid"],
    [502, "unavailable"],
    [403, "forbidden"],
    [409, "busy"],
  ])("is kept after %i", async (status, kind) => {
    const { chat } = chatWith(friendlyProxy().on(SEND, failure(status)));
    await chat.ask("Why?", CONTEXT);
    expect(questions(chat)).toMatchObject([{ text: "Why?", state: "failed", failure: { kind } }]);
    expect(chat.state.activity).toBe("idle");
  });

  test("is kept where not even a session could be made", async () => {
    const { chat } = chatWith(new FakeProxy());
    await chat.ask("Why?", null);
    expect(questions(chat)).toMatchObject([{ state: "failed", failure: { kind: "unreachable" } }]);
  });

  test("is sent again with the same key where it may have arrived", async () => {
    const drop = () => Promise.reject(new TypeError("network"));
    const { chat, proxy } = chatWith(friendlyProxy().on(SEND, drop, stream(whole("Yes."))));
    await chat.ask("Why?", CONTEXT);
    await chat.retry(questions(chat)[0]?.id ?? "");
    const [first, second] = keysSent(proxy);
    expect(second).toBe(first);
    expect(proxy.to(SEND)[1]?.body).toEqual(proxy.to(SEND)[0]?.body);
    expect(questions(chat)).toMatchObject([{ state: "sent", failure: null }]);
  });

  test("is sent again with a new key where it was refused", async () => {
    const { chat, proxy } = chatWith(friendlyProxy().on(SEND, failure(429), stream(whole("Yes."))));
    await chat.ask("Why?", null);
    await chat.retry(questions(chat)[0]?.id ?? "");
    const [first, second] = keysSent(proxy);
    expect(second).not.toBe(first);
    expect(answers(chat)).toMatchObject([{ text: "Yes." }]);
  });

  test("goes back to be changed", async () => {
    const { chat } = chatWith(friendlyProxy().on(SEND, failure(422)));
    await chat.ask("Why?", null);
    expect(chat.withdraw(questions(chat)[0]?.id ?? "")).toBe("Why?");
    expect(chat.state.entries).toEqual([]);
  });

  test("is the draft after a reload", async () => {
    const memory = memoryStore();
    const { chat } = chatWith(friendlyProxy().on(SEND, failure(429)), memory);
    await chat.ask("Why?", null);
    expect(await chatWith(friendlyProxy(), memory).chat.draft()).toBe("Why?");
  });

  test("starts a new conversation where the old one is no longer the visitor's", async () => {
    const proxy = friendlyProxy()
      .on("POST conversations", json(201, { id: "c2" }))
      .on(SEND, stream(whole("One.")), failure(404))
      .on("POST conversations/c2/messages", stream(whole("Two.")));
    const { chat, memory } = chatWith(proxy);
    await chat.ask("One?", null);
    await chat.ask("Two?", null);
    expect(answers(chat).map(({ text }) => text)).toEqual(["One.", "Two."]);
    expect(questions(chat)).toMatchObject([{ state: "sent" }, { state: "sent" }]);
    expect(memory.kept).toMatchObject({ conversation: "c2" });
  });
});

describe("an answer that breaks off", () => {
  const broken = stream([delta("Bec"), "cut"]);

  test("keeps its text and says that it was cut", async () => {
    const { chat } = chatWith(
      friendlyProxy().on(SEND, broken).on(STREAM, none).on(HISTORY, stored(asked)),
    );
    await chat.ask("Why?", null);
    expect(answers(chat)).toMatchObject([{ text: "Bec", state: "cut" }]);
  });

  test("goes on where it still runs", async () => {
    const { chat } = chatWith(
      friendlyProxy()
        .on(SEND, broken)
        .on(STREAM, stream(whole("Because."))),
    );
    await chat.ask("Why?", null);
    expect(answers(chat)).toMatchObject([{ text: "Because.", state: "complete" }]);
  });

  test("is taken from the history where it stands there whole", async () => {
    const proxy = friendlyProxy()
      .on(SEND, broken)
      .on(STREAM, none)
      .on(HISTORY, stored(asked, answered));
    const { chat } = chatWith(proxy);
    await chat.ask("Why?", null);
    expect(answers(chat)).toMatchObject([{ text: "Because.", state: "complete", messageId: "a1" }]);
  });

  test("keeps its text also when the history cannot be read", async () => {
    const { chat } = chatWith(friendlyProxy().on(SEND, broken));
    vi.useFakeTimers();
    const asking = chat.ask("Why?", null);
    await vi.advanceTimersByTimeAsync(RECONNECT_MS.reduce<number>((sum, wait) => sum + wait, 0));
    vi.useRealTimers();
    await asking;
    expect(answers(chat)).toMatchObject([{ text: "Bec", state: "cut" }]);
  });

  test("waits while the browser is offline, however long, and goes on when it is not", async () => {
    const browser = Object.assign(new EventTarget(), { onLine: false });
    vi.stubGlobal("navigator", browser);
    vi.stubGlobal("addEventListener", browser.addEventListener.bind(browser));
    vi.useFakeTimers();
    const proxy = friendlyProxy()
      .on(SEND, broken)
      .on(STREAM, stream(whole("Because.")));
    const { chat } = chatWith(proxy);
    const asking = chat.ask("Why?", null);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(proxy.to(STREAM)).toEqual([]);
    expect(chat.state.isReconnecting).toBe(true);
    browser.onLine = true;
    browser.dispatchEvent(new Event("online"));
    vi.useRealTimers();
    await asking;
    vi.unstubAllGlobals();
    expect(answers(chat)).toMatchObject([{ text: "Because.", state: "complete" }]);
  });

  test("by the assistant's own fault says so", async () => {
    const { chat } = chatWith(
      friendlyProxy().on(SEND, stream([delta("Bec"), { type: "error", errorText: "" }])),
    );
    await chat.ask("Why?", null);
    expect(answers(chat)).toMatchObject([{ text: "Bec", state: "failed" }]);
  });

  test("can be asked for again, as a new message with what went along before", async () => {
    const proxy = friendlyProxy()
      .on(SEND, broken, stream(whole("Because.")))
      .on(STREAM, none);
    const { chat } = chatWith(proxy);
    await chat.ask("Why?", CONTEXT);
    await chat.askAgain(answers(chat)[0]?.id ?? "");
    expect(new Set(keysSent(proxy)).size).toBe(2);
    expect(proxy.to(SEND)[1]?.body).toMatchObject({ content: "Why?", pageContext: CONTEXT });
    expect(answers(chat).map(({ text }) => text)).toEqual(["Bec", "Because."]);
  });
});

describe("stopping", () => {
  async function streaming(stopReply: Response) {
    const answer = openStream();
    const setup = chatWith(friendlyProxy().on(SEND, answer.reply).on(STOP, stopReply));
    const asking = setup.chat.ask("Why?", null);
    await until(setup.chat, () => setup.chat.state.activity === "streaming");
    answer.write(delta("Bec"));
    await until(setup.chat, () => answers(setup.chat)[0]?.text === "Bec");
    return { ...setup, answer, asking };
  }

  test("asks the proxy, which ends the stream; the text so far stays", async () => {
    const { chat, proxy, answer, asking } = await streaming(json(200, { stopped: true }));
    chat.stop();
    expect(chat.state.activity).toBe("stopping");
    answer.write({ type: "abort" }, "[DONE]");
    await asking;
    expect(proxy.to(STOP)).toHaveLength(1);
    expect(answers(chat)).toMatchObject([{ text: "Bec", state: "stopped" }]);
  });

  test("hangs up at once where the proxy does not take the request", async () => {
    const { chat, asking } = await streaming(failure(500));
    chat.stop();
    await asking;
    expect(answers(chat)).toMatchObject([{ text: "Bec", state: "stopped" }]);
  });

  test("hangs up where the stream does not end by itself", async () => {
    const { chat, asking } = await streaming(json(200, { stopped: true }));
    vi.useFakeTimers();
    chat.stop();
    await vi.advanceTimersByTimeAsync(STOP_MS);
    vi.useRealTimers();
    await asking;
    expect(answers(chat)).toMatchObject([{ text: "Bec", state: "stopped" }]);
    expect(chat.state.activity).toBe("idle");
  });

  test("before the first word leaves the question and an empty answer", async () => {
    const never = ({ init }: { init: RequestInit }) =>
      new Promise<Response>((_, reject) =>
        init.signal?.addEventListener("abort", () => reject(new DOMException("", "AbortError"))),
      );
    const { chat } = chatWith(friendlyProxy().on(SEND, never).on(STOP, failure(500)));
    const asking = chat.ask("Why?", null);
    await until(chat, () => chat.state.id !== null);
    await new Promise((resolve) => setTimeout(resolve));
    chat.stop();
    await asking;
    expect(questions(chat)).toMatchObject([{ state: "sent" }]);
    expect(answers(chat)).toMatchObject([{ text: "", state: "stopped" }]);
  });
});

describe("a new chat", () => {
  test("is empty, and a reload does not bring the old one back", async () => {
    const { chat, memory, proxy } = chatWith(friendlyProxy().on(SEND, stream(whole("Yes."))));
    await chat.ask("Why?", null);
    await chat.clear();
    expect(chat.state.entries).toEqual([]);
    expect(memory.kept).toEqual({ conversation: "" });
    expect(proxy.to(STOP)).toEqual([]);
  });

  test("ends the answer under way, of which nothing is heard any more", async () => {
    const answer = openStream();
    const { chat, proxy } = chatWith(
      friendlyProxy().on(SEND, answer.reply).on(STOP, json(200, {})),
    );
    const asking = chat.ask("Why?", null);
    await until(chat, () => chat.state.activity === "streaming");
    await chat.clear();
    await asking;
    expect(proxy.to(STOP)).toHaveLength(1);
    expect(chat.state).toEqual(EMPTY);
  });
});

describe("over a reload", () => {
  const memory = () => memoryStore({ conversation: "c1" });

  test("nothing is kept before the first question", async () => {
    const { chat, memory } = chatWith(friendlyProxy());
    await chat.keepDraft("half a thought");
    expect(memory.kept).toEqual({});
  });

  test("the conversation is kept by its id, and the draft", async () => {
    const { chat, memory } = chatWith(friendlyProxy().on(SEND, stream(whole("Yes."))));
    await chat.ask("Why?", null);
    await chat.keepDraft("and then");
    expect(memory.kept).toEqual({ conversation: "c1", draft: "and then" });
    await chat.keepDraft("");
    expect(memory.kept).toEqual({ conversation: "c1" });
  });

  test("nothing is kept where the session does not outlive the page", async () => {
    const blocked = new FakeProxy()
      .on("POST identity/init", json(201, { sessionToken: "T" }))
      .on("GET identity/me", failure(401))
      .on("POST conversations", json(201, { id: "c1" }))
      .on(SEND, stream(whole("Yes.")));
    const { chat, memory } = chatWith(blocked);
    await chat.ask("Why?", null);
    expect(chat.kept).toBe("no-cookie");
    expect(memory.kept).toEqual({});
  });

  test("the conversation comes back from the server, with its receipts and ratings", async () => {
    const question = {
      ...asked,
      pageUrl: "https://example.com/",
      pageTitle: "T",
      textSelection: "S",
    };
    const proxy = friendlyProxy().on(HISTORY, stored(question, { ...answered, feedback: "like" }));
    const { chat } = chatWith(proxy, memory());
    await chat.restore();
    expect(questions(chat)).toMatchObject([
      { text: "Why?", context: { url: "https://example.com/", title: "T", textSelection: "S" } },
    ]);
    expect(answers(chat)).toMatchObject([
      { text: "Because.", state: "complete", feedback: "like" },
    ]);
  });

  test("an answer still being written goes on", async () => {
    const answer = openStream();
    const proxy = friendlyProxy().on(HISTORY, stored(asked)).on(STREAM, answer.reply);
    const { chat } = chatWith(proxy, memory());
    await chat.restore();
    await until(chat, () => chat.state.activity === "streaming");
    answer.write(delta("Because."), "[DONE]");
    await until(chat, () => chat.state.activity === "idle");
    expect(answers(chat)).toMatchObject([{ text: "Because.", questionId: "q1" }]);
  });

  test("a question asked before it is known that the answer is still being written is given back", async () => {
    const answer = openStream();
    const proxy = friendlyProxy().on(HISTORY, stored(asked)).on(STREAM, answer.reply);
    const { chat } = chatWith(proxy, memory());
    void chat.restore();
    expect(await chat.ask("And?", null)).toBe(false);
    answer.write(delta("Because."), "[DONE]");
    await until(chat, () => answers(chat)[0]?.state === "complete");
    expect(questions(chat).map(({ text }) => text)).toEqual(["Why?"]);
    expect(proxy.to(SEND)).toEqual([]);
  });

  test("an answer still being written starts over from the piece of it that was stored", async () => {
    const piece = { ...answered, parts: [{ type: "text", text: "Bec" }], status: "streaming" };
    const proxy = friendlyProxy()
      .on(HISTORY, stored(asked, piece))
      .on(STREAM, stream(whole("Because.")));
    const { chat } = chatWith(proxy, memory());
    await chat.restore();
    await until(chat, () => answers(chat)[0]?.state === "complete");
    expect(answers(chat)).toMatchObject([{ text: "Because.", questionId: "q1" }]);
  });

  test("a piece of an answer that is not being written any more counts as cut", async () => {
    const piece = { ...answered, status: "streaming" };
    const { chat } = chatWith(
      friendlyProxy().on(HISTORY, stored(asked, piece)).on(STREAM, none),
      memory(),
    );
    await chat.restore();
    expect(answers(chat)).toMatchObject([{ text: "Because.", state: "cut" }]);
  });

  test.each([
    ["Stopped before the end.", "stopped"],
    ["The answer broke off.", "failed"],
  ])("an answer kept with the error %j is %s", async (error, state) => {
    const piece = { ...answered, status: "error", error };
    const { chat } = chatWith(
      friendlyProxy().on(HISTORY, stored(asked, piece)).on(STREAM, none),
      memory(),
    );
    await chat.restore();
    expect(answers(chat)).toMatchObject([{ text: "Because.", state }]);
  });

  test("a new chat started while the old one is loading stays new", async () => {
    const { chat } = chatWith(friendlyProxy().on(HISTORY, stored(asked, answered)), memory());
    const restoring = chat.restore();
    await until(chat, () => chat.state.activity === "loading");
    await chat.clear();
    await restoring;
    expect(chat.state.entries).toEqual([]);
  });

  test("a conversation that is gone is forgotten, and that is said", async () => {
    const { chat, memory: kept } = chatWith(friendlyProxy().on(HISTORY, failure(404)), memory());
    await chat.restore();
    expect(notices(chat)).toEqual(["chat-lost"]);
    expect(kept.kept).toEqual({ conversation: "" });
  });

  test("a conversation that cannot be reached is gone on with", async () => {
    const proxy = friendlyProxy()
      .on(HISTORY, failure(503))
      .on(SEND, stream(whole("Yes.")));
    const { chat } = chatWith(proxy, memory());
    await chat.restore();
    await chat.ask("And?", null);
    expect(notices(chat)).toEqual(["chat-unreachable"]);
    expect(answers(chat)).toMatchObject([{ text: "Yes." }]);
    expect(proxy.to("POST conversations")).toEqual([]);
  });

  test("a question asked while the conversation is loading waits for it", async () => {
    const proxy = friendlyProxy()
      .on(HISTORY, stored(asked, answered))
      .on(SEND, stream(whole("Yes.")));
    const { chat } = chatWith(proxy, memory());
    void chat.restore();
    await chat.ask("And?", null);
    expect(questions(chat).map(({ text }) => text)).toEqual(["Why?", "And?"]);
  });

  test("a closed conversation can be read; the next question starts another", async () => {
    const closed = json(200, { id: "c1", status: "closed", messages: [asked, answered] });
    const proxy = friendlyProxy()
      .on(HISTORY, closed)
      .on("POST conversations", json(201, { id: "c1" }))
      .on(SEND, stream(whole("Yes.")));
    const { chat } = chatWith(proxy, memory());
    await chat.restore();
    await chat.ask("And?", null);
    expect(proxy.to("POST conversations")).toHaveLength(1);
    expect(questions(chat)).toHaveLength(2);
  });
});

describe("rating an answer", () => {
  const FEEDBACK = "POST messages/m1/feedback";

  async function answeredChat(reply: Response) {
    const setup = chatWith(
      friendlyProxy()
        .on(SEND, stream(whole("Yes.")))
        .on(FEEDBACK, reply),
    );
    await setup.chat.ask("Why?", null);
    return { ...setup, id: answers(setup.chat)[0]?.id ?? "" };
  }

  test("tells the proxy", async () => {
    const { chat, proxy, id } = await answeredChat(json(200, { feedback: "like" }));
    await chat.rate(id, "like");
    expect(proxy.to(FEEDBACK)[0]?.body).toEqual({ feedback: "like" });
    expect(answers(chat)).toMatchObject([{ feedback: "like" }]);
  });

  test("is taken back where the proxy did not take it", async () => {
    const { chat, id } = await answeredChat(failure(500));
    await chat.rate(id, "dislike");
    expect(answers(chat)).toMatchObject([{ feedback: null }]);
  });
});
