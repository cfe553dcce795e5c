import { afterEach, describe, expect, test, vi } from "vitest";
import { ANSWER_LENGTH, EVENT_LENGTH, SILENCE_MS } from "../../widget/src/core/limits";
import { answerEvents, type AnswerEvent } from "../../widget/src/core/stream";
import { bytesOf, delta, whole, wire, type Chunk } from "./fake-proxy";

const encode = (text: string) => new TextEncoder().encode(text);

async function read(body: ReadableStream<Uint8Array>): Promise<AnswerEvent[]> {
  const events: AnswerEvent[] = [];
  for await (const event of answerEvents(body)) events.push(event);
  return events;
}

/** The text of the events, and how they ended. */
function summary(events: AnswerEvent[]): { text: string; end: string } {
  const text = events.map((event) => (event.type === "text" ? event.delta : "")).join("");
  const last = events.at(-1);
  return { text, end: last?.type === "end" ? last.outcome : "no end" };
}

async function readText(text: string): Promise<{ text: string; end: string }> {
  return summary(await read(bytesOf([encode(text)])));
}

const ANSWER = whole("Grüße, ", "😀 世界\u2028!");

describe("an answer", () => {
  test("is read alike wherever the network cuts its bytes", async () => {
    const bytes = encode(wire(ANSWER));
    for (let at = 1; at < bytes.length; at++) {
      const events = await read(bytesOf([bytes.slice(0, at), bytes.slice(at)]));
      expect(summary(events)).toEqual({ text: "Grüße, 😀 世界\u2028!", end: "complete" });
    }
  });

  test("is read alike when it comes byte by byte, and with other line ends", async () => {
    for (const lineEnd of ["\n", "\r\n", "\r"]) {
      const bytes = encode(`\uFEFF: hello\n\n${wire(ANSWER)}`.replaceAll("\n", lineEnd));
      const events = await read(bytesOf([...bytes].map((byte) => Uint8Array.of(byte))));
      expect(summary(events)).toEqual({ text: "Grüße, 😀 世界\u2028!", end: "complete" });
    }
  });

  test("gives its events while the rest is still to come", async () => {
    let send: (text: string) => void = () => {};
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void (send = (text) => controller.enqueue(encode(text))),
    });
    const events = answerEvents(body);
    send(wire([delta("now")]));
    expect((await events.next()).value).toEqual({ type: "text", delta: "now" });
    await events.return(undefined);
  });

  test("names its message", async () => {
    expect((await read(bytesOf([encode(wire(ANSWER))])))[0]).toEqual({
      type: "start",
      messageId: "m1",
    });
  });

  test("sets its parts apart by a blank line", async () => {
    const parts: Chunk[] = [delta("One.", "a"), delta(" More.", "a"), delta("Two.", "b"), "[DONE]"];
    expect((await readText(wire(parts))).text).toBe("One. More.\n\nTwo.");
  });

  test("passes over chunks and lines it does not know", async () => {
    const odd =
      'data: {"type":"reasoning-delta","id":"r","delta":"hm"}\n\ndata: {"type":"data-x","data":1}\n\n' +
      'data: not json\n\ndata: [1]\n\ndata: "finish"\n\nevent: x\nid: 1:2\nretry: 5\n\nnonsense\n\n';
    expect(await readText(odd + wire(ANSWER))).toMatchObject({ end: "complete" });
    expect((await readText(odd + wire(whole("x")))).text).toBe("x");
  });
});

describe("the end of an answer", () => {
  test.each([
    ["complete", { type: "finish", finishReason: "stop" }],
    ["complete", "[DONE]"],
    ["stopped", { type: "abort" }],
    ["failed", { type: "error", errorText: "secret" }],
  ] as const)("is %s by %j", async (end, chunk) => {
    expect(await readText(wire([delta("x"), chunk]))).toEqual({ text: "x", end });
  });

  test("is a cut where the connection ends before any of these", async () => {
    expect(await readText(wire([delta("x"), { type: "finish-step" }]))).toEqual({
      text: "x",
      end: "cut",
    });
    expect(await readText("")).toEqual({ text: "", end: "cut" });
  });

  test("is a cut where the connection breaks", async () => {
    const events = await read(bytesOf([encode(wire([delta("x")]))], true));
    expect(summary(events)).toEqual({ text: "x", end: "cut" });
  });

  test("is read also where its blank line is missing", async () => {
    expect(await readText(`${wire([delta("x")])}data: [DONE]`)).toEqual({
      text: "x",
      end: "complete",
    });
  });

  test("comes once, whatever follows it", async () => {
    const events = await read(
      bytesOf([encode(wire([{ type: "abort" }, delta("late"), "[DONE]"]))]),
    );
    expect(events).toEqual([{ type: "end", outcome: "stopped" }]);
  });
});

describe("the limits of an answer", () => {
  afterEach(() => void vi.useRealTimers());

  test("an event without end is a cut", async () => {
    const endless = [
      encode("data: "),
      ...Array.from({ length: 3 }, () => encode("x".repeat(EVENT_LENGTH / 2))),
    ];
    expect(summary(await read(bytesOf(endless)))).toEqual({ text: "", end: "cut" });
  });

  test("text over the limit is a cut, and what came before stays", async () => {
    const piece = "x".repeat(500_000);
    const pieces = Array.from({ length: 6 }, () => encode(wire([delta(piece)])));
    const { text, end } = summary(await read(bytesOf(pieces)));
    expect({ length: text.length, end }).toEqual({ length: ANSWER_LENGTH, end: "cut" });
  });

  test("silence is a cut", async () => {
    vi.useFakeTimers();
    const events = read(new ReadableStream());
    await vi.advanceTimersByTimeAsync(SILENCE_MS);
    expect(summary(await events).end).toBe("cut");
  });
});
