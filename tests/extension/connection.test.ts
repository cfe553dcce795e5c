import { expect, test } from "vitest";
import { tryConnection, type Connection } from "../../extension/lib/connection";
import { wordsFor } from "../../extension/lib/connection-words";

const SETTINGS = { proxy: "http://127.0.0.1:8080", site: "demo" };
const HEALTHY = { status: "ok", name: "asklight", version: "0.1.0" };

interface Call {
  url: string;
  init: RequestInit;
}

/** A fetch that gives these answers in turn; whatever is no response is thrown. */
function answering(...answers: unknown[]): { fetcher: typeof fetch; calls: Call[] } {
  const calls: Call[] = [];
  const fetcher = async (url: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    calls.push({ url: String(url), init });
    const answer = answers.shift();
    if (answer instanceof Response) return answer;
    throw answer ?? new Error(`unexpected request: ${String(url)}`);
  };
  return { fetcher, calls };
}

function json(status: number, body: unknown): Response {
  return Response.json(body, { status });
}

test("asks who is there first, and then for a session as the panel would", async () => {
  const { fetcher, calls } = answering(json(200, HEALTHY), json(201, { sessionToken: "t" }));
  expect(await tryConnection(SETTINGS, fetcher)).toEqual({ state: "connected" });
  expect(calls.map(({ url }) => url)).toEqual([
    "http://127.0.0.1:8080/healthz",
    "http://127.0.0.1:8080/v2/identity/init",
  ]);
  expect(calls.map(({ init }) => init.credentials)).toEqual(["omit", "omit"]);
  expect(calls[1]?.init).toMatchObject({
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Asklight-Site": "demo" },
    body: JSON.stringify({ apiKey: "demo", transport: "token" }),
  });
});

test("sends a stranger nothing but the first question", async () => {
  const { fetcher, calls } = answering(new Response("<h1>Hello</h1>"));
  expect(await tryConnection(SETTINGS, fetcher)).toEqual({ state: "stranger", status: 200 });
  expect(calls).toHaveLength(1);
});

const timeout = new DOMException("", "TimeoutError");

test.each<[string, unknown[], Connection]>([
  ["nothing listens", [new TypeError("Failed to fetch")], { state: "unreachable" }],
  ["nobody answers in time", [timeout], { state: "silent", seconds: 8 }],
  ["another program answers", [json(200, { status: "ok" })], { state: "stranger", status: 200 }],
  ["a server has no such page", [json(404, null)], { state: "stranger", status: 404 }],
  ["the proxy has another name", [json(421, { error: {} })], { state: "misnamed" }],
  ["the proxy is unwell", [json(503, HEALTHY)], { state: "unwell", status: 503 }],
  ["the gate refuses", [json(200, HEALTHY), json(403, {})], { state: "refused" }],
  [
    "the limit is reached",
    [json(200, HEALTHY), json(429, { error: { details: { retryAfter: 30 } } })],
    { state: "busy", seconds: 30 },
  ],
  ["the limit says no time", [json(200, HEALTHY), json(429, {})], { state: "busy", seconds: null }],
  ["it breaks", [json(200, HEALTHY), json(502, {})], { state: "unwell", status: 502 }],
  [
    "it drops the line between the two",
    [json(200, HEALTHY), new TypeError("Failed to fetch")],
    { state: "unreachable" },
  ],
])("knows what happened when %s", async (_when, answers, connection) => {
  const { fetcher } = answering(...answers);
  expect(await tryConnection(SETTINGS, fetcher)).toEqual(connection);
});

const EVERY: Connection[] = [
  { state: "connected" },
  { state: "unreachable" },
  { state: "silent", seconds: 8 },
  { state: "stranger", status: 200 },
  { state: "unwell", status: 502 },
  { state: "misnamed" },
  { state: "refused" },
  { state: "busy", seconds: 30 },
];

test("says something of its own, and what to do, for every outcome", () => {
  const words = EVERY.map((connection) => wordsFor(connection, SETTINGS, "abc"));
  expect(new Set(words.map(({ said }) => said)).size).toBe(EVERY.length);
  for (const { said, next } of words) {
    expect(said).toContain(SETTINGS.proxy);
    expect(next).toMatch(/\.$/);
    expect(said + next).not.toMatch(/!|undefined|null/);
  }
});

test("tells whom the operator has to let in", () => {
  expect(wordsFor({ state: "refused" }, SETTINGS, "abc").next).toContain("“abc”");
});

test.each([
  [1, "in 1 second."],
  [30, "in 30 seconds."],
  [600, "in 10 minutes."],
  [null, "in a minute."],
])("says when to come back after %s seconds", (seconds, words) => {
  expect(wordsFor({ state: "busy", seconds }, SETTINGS, "abc").next).toContain(words);
});
