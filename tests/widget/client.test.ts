import { describe, expect, test } from "vitest";
import { Assistant } from "../../widget/src/core/assistant";
import { ProxyError } from "../../widget/src/core/failure";
import {
  failure,
  FakeProxy,
  friendlyProxy,
  json,
  memoryStore,
  SEND,
  stream,
  whole,
  clientOf,
} from "./fake-proxy";

const never = new AbortController().signal;
const MESSAGE = { content: "Why?", pageContext: null, key: "k1" };

function assistantOf(...given: Parameters<typeof clientOf>): Assistant {
  return new Assistant(clientOf(...given));
}

async function failureFrom(promise: Promise<unknown>) {
  const thrown: unknown = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(ProxyError);
  return (thrown as ProxyError).failure;
}

describe("the session", () => {
  test("nothing is asked of the proxy before the first question", () => {
    const proxy = friendlyProxy();
    clientOf(proxy);
    expect(proxy.calls).toEqual([]);
  });

  test("the first question makes a session by cookie, and checks that the cookie comes back", async () => {
    const proxy = friendlyProxy();
    const client = clientOf(proxy);
    await new Assistant(client).startConversation("https://example.com/", never);
    expect(proxy.routes()).toEqual(["POST identity/init", "GET identity/me", "POST conversations"]);
    expect(proxy.calls[0]?.body).toEqual({ apiKey: "demo", transport: "cookie" });
    expect(proxy.calls.map(({ credentials }) => credentials)).toEqual([
      "include",
      "include",
      "include",
    ]);
    expect(client.outlivesReload).toBe(true);
  });

  test("a cookie that does not come back is replaced by a token in memory", async () => {
    const blocked = new FakeProxy()
      .on(
        "POST identity/init",
        json(201, { visitor: {} }),
        json(201, { sessionToken: "T", visitor: {} }),
      )
      .on("GET identity/me", failure(401))
      .on("POST conversations", json(201, { id: "c1" }));
    const client = clientOf(blocked);
    await new Assistant(client).startConversation(null, never);
    const [last] = blocked.to("POST conversations");
    expect(last?.headers["Authorization"]).toBe("Bearer T");
    expect(last?.credentials).toBe("omit");
    expect(client.outlivesReload).toBe(false);
  });

  test("two questions at once make one session", async () => {
    const proxy = friendlyProxy();
    const client = clientOf(proxy);
    await Promise.all([
      new Assistant(client).startConversation(null, never),
      new Assistant(client).startConversation(null, never),
    ]);
    expect(proxy.to("POST identity/init")).toHaveLength(1);
  });

  test("an ended session is renewed once and the message sent again, with the same key", async () => {
    const proxy = friendlyProxy().on(SEND, failure(401), stream(whole("Yes.")));
    const client = clientOf(proxy);
    await new Assistant(client).startConversation(null, never);
    expect(await new Assistant(client).send("c1", MESSAGE, { signal: never })).toMatchObject({
      kind: "answer",
    });
    expect(proxy.to("POST identity/init")).toHaveLength(2);
    expect(proxy.to(SEND).map(({ headers }) => headers["Idempotency-Key"])).toEqual(["k1", "k1"]);
  });

  test("a session refused twice is a failure, not a loop", async () => {
    const proxy = friendlyProxy().on(SEND, failure(401));
    expect(
      await failureFrom(assistantOf(proxy).send("c1", MESSAGE, { signal: never })),
    ).toMatchObject({
      kind: "away",
    });
    expect(proxy.to(SEND)).toHaveLength(2);
  });

  test("the token transport never uses cookies, and keeps its token where it is told", async () => {
    const tokens = memoryStore();
    const withToken = new FakeProxy()
      .on("POST identity/init", json(201, { sessionToken: "T", visitor: {} }))
      .on("POST conversations", json(201, { id: "c1" }))
      .on("GET conversations/c1", json(200, { id: "c1", messages: [] }));
    await assistantOf(withToken, { transport: "token", tokens }).startConversation(null, never);
    expect(tokens.kept).toEqual({ token: "T" });

    await assistantOf(withToken, { transport: "token", tokens }).conversation("c1");
    expect(withToken.to("POST identity/init")).toHaveLength(1);
    expect(withToken.calls.map(({ credentials }) => credentials)).not.toContain("include");
    expect(withToken.to("GET conversations/c1")[0]?.headers["Authorization"]).toBe("Bearer T");
  });

  test("reading an earlier conversation never makes a session", async () => {
    const proxy = friendlyProxy().on("GET conversations/c1", failure(401));
    expect(await failureFrom(assistantOf(proxy).conversation("c1"))).toMatchObject({
      kind: "away",
    });
    expect(proxy.routes()).toEqual(["GET conversations/c1"]);
    const token = clientOf(proxy, { transport: "token" });
    expect(await failureFrom(new Assistant(token).conversation("c1"))).toMatchObject({
      kind: "away",
    });
    expect(proxy.calls).toHaveLength(1);
  });
});

describe("a request", () => {
  test("names the site only where the origin does not", async () => {
    const proxy = friendlyProxy();
    await assistantOf(proxy).startConversation(null, never);
    await assistantOf(proxy, { nameSite: true }).startConversation(null, never);
    const names = proxy.to("POST conversations").map(({ headers }) => headers["X-Asklight-Site"]);
    expect(names).toEqual([undefined, "demo"]);
  });

  test("carries no referrer, follows no redirect and is not cached", async () => {
    const proxy = friendlyProxy();
    await assistantOf(proxy).startConversation(null, never);
    for (const { init } of proxy.calls)
      expect(init).toMatchObject({ referrer: "", redirect: "error", cache: "no-store" });
  });

  test("gives the page's address to a new conversation only where it was not left out", async () => {
    const proxy = friendlyProxy();
    await assistantOf(proxy).startConversation("https://example.com/", never);
    await assistantOf(proxy).startConversation(null, never);
    const bodies = proxy.to("POST conversations").map(({ body }) => body);
    expect(bodies).toEqual([{ context: { pageUrl: "https://example.com/" } }, {}]);
  });

  test("an id is one segment of the path, whatever it holds", async () => {
    const proxy = friendlyProxy().on("GET conversations/..%2Fidentity%2Fme", failure(404));
    expect(await failureFrom(assistantOf(proxy).conversation("../identity/me"))).toMatchObject({
      kind: "gone",
    });
  });
});

describe("an answer", () => {
  test.each([
    ["by its status", new Response("Message sent", { status: 202 })],
    ["by its type", new Response("Message sent", { headers: { "Content-Type": "text/plain" } })],
  ])("a person taking over is told %s", async (_, response) => {
    const proxy = friendlyProxy().on(SEND, response);
    expect(await assistantOf(proxy).send("c1", MESSAGE, { signal: never })).toEqual({
      kind: "person",
    });
  });

  test("that is a page of something else is a failure", async () => {
    const html = new Response("<h1>Welcome</h1>", { headers: { "Content-Type": "text/html" } });
    const proxy = friendlyProxy().on(SEND, html);
    expect(
      await failureFrom(assistantOf(proxy).send("c1", MESSAGE, { signal: never })),
    ).toMatchObject({
      kind: "unavailable",
    });
  });

  test("is resumed where one is under way, and null where none is", async () => {
    const proxy = friendlyProxy().on(
      "GET conversations/c1/stream",
      new Response(null, { status: 204 }),
      stream(whole("Yes.")),
    );
    const client = clientOf(proxy);
    expect(await new Assistant(client).resume("c1", { signal: never })).toBeNull();
    expect(await new Assistant(client).resume("c1", { signal: never })).not.toBeNull();
  });
});

describe("a failure", () => {
  test.each([
    [400, "invalid"],
    [401, "away"],
    [402, "plan"],
    [403, "forbidden"],
    [404, "gone"],
    [409, "busy"],
    [413, "invalid"],
    [415, "invalid"],
    [421, "unavailable"],
    [422, "invalid"],
    [429, "limited"],
    [500, "unavailable"],
    [502, "unavailable"],
    [503, "unavailable"],
  ])("%i is %s", async (status, kind) => {
    const proxy = friendlyProxy().on("GET projects/current?apiKey=demo", failure(status));
    expect(await failureFrom(clientOf(proxy).look())).toMatchObject({ kind });
  });

  test("says how long to wait, by its body or by its header", async () => {
    const route = "GET projects/current?apiKey=demo";
    const byBody = friendlyProxy().on(route, failure(429, { retryAfter: 60 }));
    const byHeader = friendlyProxy().on(route, json(503, {}, { "Retry-After": "30" }));
    const byDate = friendlyProxy().on(route, json(503, {}, { "Retry-After": "Mon, 1 Jan" }));
    expect(await failureFrom(clientOf(byBody).look())).toMatchObject({ retryAfter: 60 });
    expect(await failureFrom(clientOf(byHeader).look())).toMatchObject({ retryAfter: 30 });
    expect(await failureFrom(clientOf(byDate).look())).toMatchObject({ retryAfter: null });
  });

  test("names the field it is about", async () => {
    const details = { field: "content", reason: "too long" };
    const proxy = friendlyProxy().on(SEND, failure(422, details));
    expect(
      await failureFrom(assistantOf(proxy).send("c1", MESSAGE, { signal: never })),
    ).toMatchObject(details);
  });

  test("of the network is a dropped connection", async () => {
    const fetch = () => Promise.reject(new TypeError("Failed to fetch"));
    expect(await failureFrom(clientOf(friendlyProxy(), { fetch }).look())).toMatchObject({
      kind: "dropped",
    });
  });

  test("whose body is no JSON, or JSON of another shape, is still a failure", async () => {
    for (const body of ["<html>", "", "null", '{"error":"x"}', '{"error":{"details":[]}}']) {
      const proxy = friendlyProxy().on(
        "GET projects/current?apiKey=demo",
        new Response(body, { status: 502 }),
      );
      expect(await failureFrom(clientOf(proxy).look())).toMatchObject({ kind: "unavailable" });
    }
  });
});

describe("the site's look", () => {
  test("is read without what is not known or not a colour", async () => {
    const chatWidgetConfig = {
      displayName: "Ada",
      welcomeMessage: "Hello.",
      brandColor: "#ff0000",
      brandColorDark: "url(https://evil.test)",
      position: "bottom-left",
      customCSSStyles: "* { display: none }",
      inputPlaceholder: 7,
    };
    const proxy = friendlyProxy().on(
      "GET projects/current?apiKey=demo",
      json(200, { chatWidgetConfig }),
    );
    expect(await clientOf(proxy).look()).toEqual({
      displayName: "Ada",
      welcomeMessage: "Hello.",
      brandColor: "#ff0000",
      position: "bottom-left",
    });
  });
});
