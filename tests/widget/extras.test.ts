/** What an answer brings besides its text, from the wire to the conversation. */
import { describe, expect, test } from "vitest";
import {
  buttonFrom,
  extrasOf,
  NO_EXTRAS,
  sourceFrom,
  withSource,
} from "../../widget/src/core/extras";
import { answerEvents, type AnswerEvent } from "../../widget/src/core/stream";
import { delta, wire, type Chunk } from "./fake-proxy";

async function read(...chunks: Chunk[]): Promise<AnswerEvent[]> {
  const { body } = new Response(wire([...chunks, { type: "finish" }]));
  const events: AnswerEvent[] = [];
  for await (const event of answerEvents(body as ReadableStream<Uint8Array>)) events.push(event);
  return events.slice(0, -1);
}

function called(toolName: string, output: unknown): Chunk[] {
  return [
    { type: "tool-input-start", toolCallId: "c", toolName },
    { type: "tool-input-available", toolCallId: "c", toolName, input: {} },
    { type: "tool-output-available", toolCallId: "c", output },
  ];
}

const LINK = { buttonLabel: "Book", href: "https://example.com/book", buttonVariant: "primary" };

describe("besides its text an answer brings", () => {
  test("its reasoning, whose parts are set apart by a blank line as the text's are", async () => {
    const reasoning = (text: string, id: string) => ({ type: "reasoning-delta", id, delta: text });
    expect(
      await read(reasoning("Hm", "r"), reasoning("m.", "r"), delta("It"), reasoning("So.", "s")),
    ).toEqual([
      { type: "reasoning", delta: "Hm" },
      { type: "reasoning", delta: "m." },
      { type: "text", delta: "It" },
      { type: "reasoning", delta: "\n\nSo." },
    ]);
  });

  test("sources, addresses and documents", async () => {
    expect(
      await read(
        { type: "source-url", sourceId: "1", url: "https://example.com/a", title: "A" },
        { type: "source-url", sourceId: "2", url: "https://example.com/b" },
        { type: "source-url", sourceId: "3" },
        { type: "source-document", sourceId: "4", mediaType: "application/pdf", title: "B" },
      ),
    ).toEqual([
      { type: "source", source: { url: "https://example.com/a", title: "A" } },
      { type: "source", source: { url: "https://example.com/b", title: null } },
      { type: "source", source: { url: null, title: "B" } },
    ]);
  });

  test("the link buttons of one kind of tool, whose name comes with its input", async () => {
    expect(await read(...called("action_display-link-7", LINK))).toEqual([
      { type: "button", button: { label: "Book", href: LINK.href, isPrimary: true } },
    ]);
    expect(await read(...called("search", LINK))).toEqual([]);
    expect(await read({ type: "tool-output-available", toolCallId: "x", output: LINK })).toEqual(
      [],
    );
  });

  test.each([null, "text", [], {}, { ...LINK, href: 7 }, { ...LINK, buttonLabel: " " }])(
    "no button of an output like %j",
    (output) => {
      expect(buttonFrom("action_display-link", output)).toBeNull();
    },
  );

  test("a label no longer than a button", () => {
    const button = buttonFrom("action_display-link", { ...LINK, buttonLabel: "x".repeat(500) });
    expect(button?.label).toHaveLength(120);
  });

  test("each source once, and not without end", () => {
    let extras = NO_EXTRAS;
    for (let n = 0; n < 300; n++)
      extras = withSource(extras, { url: `https://example.com/${n % 150}`, title: null });
    expect(extras.sources).toHaveLength(100);
    expect(sourceFrom("source-url")).toBeNull();
  });

  test("the same in a stored message", () => {
    expect(
      extrasOf([
        { type: "reasoning", text: "Hm." },
        { type: "text", text: "It" },
        { type: "reasoning", text: "So." },
        { type: "source-url", url: "https://example.com/a", title: "A" },
        { type: "tool-action_display-link-7", toolCallId: "c", output: LINK },
        { type: "dynamic-tool", toolName: "action_display-link", output: { ...LINK, href: "/x" } },
        { type: "tool-search", output: LINK },
        null,
      ]),
    ).toEqual({
      reasoning: "Hm.\n\nSo.",
      sources: [{ url: "https://example.com/a", title: "A" }],
      buttons: [
        { label: "Book", href: LINK.href, isPrimary: true },
        { label: "Book", href: "/x", isPrimary: true },
      ],
    });
    expect(extrasOf("parts")).toBe(NO_EXTRAS);
  });
});
