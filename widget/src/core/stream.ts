/**
 * Reads an answer: server-sent events of AI SDK UI message chunks (version 1) to the few facts the
 * panel needs. The end of a connection is not the end of an answer: without `finish`, `abort`,
 * `error` or `[DONE]` the answer was cut, and this says so. Chunks it does not know are passed over.
 */
import { createParser } from "eventsource-parser";
import { ANSWER_LENGTH, EVENT_LENGTH, SILENCE_MS } from "./limits";
import { NativeTextDecoder, parseJson } from "./natives";
import { buttonFrom, sourceFrom } from "./extras";
import { isRecord, textAt } from "./records";
import type { LinkButton, Outcome, Source } from "./types";

export type AnswerEvent =
  | { type: "start"; messageId: string }
  | { type: "text"; delta: string }
  | { type: "reasoning"; delta: string }
  | { type: "source"; source: Source }
  | { type: "button"; button: LinkButton }
  /** Exactly one of these comes, and it is the last. */
  | { type: "end"; outcome: Outcome };

const DONE = "[DONE]";

/** A longer name of a tool is none of ours; an answer with more calls than this has its first ones. */
const TOOL_CALLS = 100;

/** The part that was under way where a reader begins in the middle. */
const UNKNOWN = "?";

/**
 * Turns the data of events into answer events; knows the text so far only by its length. One reader
 * serves an answer over all its connections.
 */
export class ChunkReader {
  /** Of the text and the reasoning together. */
  #length = 0;
  readonly #parts: { text: string; reasoning: string };
  /** The tools called, by the id of the call: their output comes without the name. */
  readonly #tools = new Map<string, string>();

  /** `isMid`: it begins somewhere within an answer, in a part whose name is not known. */
  constructor(isMid = false) {
    const part = isMid ? UNKNOWN : "";
    this.#parts = { text: part, reasoning: part };
  }

  read(data: string): AnswerEvent | null {
    if (data === DONE) return { type: "end", outcome: "complete" };
    const chunk = chunkOf(data);
    switch (chunk?.type) {
      case "start": {
        const messageId = textAt(chunk, "messageId");
        return messageId ? { type: "start", messageId } : null;
      }
      case "text-start":
      case "reasoning-start":
        return this.#begin(chunk.type === "text-start" ? "text" : "reasoning");
      case "text-delta":
        return this.#delta("text", chunk);
      case "reasoning-delta":
        return this.#delta("reasoning", chunk);
      case "source-url":
      case "source-document": {
        const source = sourceFrom(chunk);
        return source && { type: "source", source };
      }
      case "tool-input-start":
      case "tool-input-available":
        return this.#noteTool(chunk);
      case "tool-output-available":
        return this.#button(chunk);
      case "finish":
        return { type: "end", outcome: "complete" };
      case "abort":
        return { type: "end", outcome: "stopped" };
      case "error":
        return { type: "end", outcome: "failed" };
      default:
        return null;
    }
  }

  /** What follows is of another part than what came before, whichever that was. */
  #begin(type: "text" | "reasoning"): null {
    if (this.#parts[type] === UNKNOWN) this.#parts[type] = "another";
    return null;
  }

  /** Parts of an answer are set apart by a blank line. */
  #delta(type: "text" | "reasoning", chunk: Record<string, unknown>): AnswerEvent | null {
    const delta = textAt(chunk, "delta");
    if (!delta) return null;
    const part = `part ${textAt(chunk, "id") ?? ""}`;
    const known = this.#parts[type];
    const isNewPart = known !== "" && known !== UNKNOWN && known !== part;
    this.#parts[type] = part;
    const text = isNewPart ? `\n\n${delta}` : delta;
    this.#length += text.length;
    if (this.#length > ANSWER_LENGTH) return { type: "end", outcome: "cut" };
    return { type, delta: text };
  }

  #noteTool(chunk: Record<string, unknown>): null {
    const [id, name] = [textAt(chunk, "toolCallId"), textAt(chunk, "toolName")];
    if (id && name && this.#tools.size < TOOL_CALLS) this.#tools.set(id, name);
    return null;
  }

  #button(chunk: Record<string, unknown>): AnswerEvent | null {
    const name = this.#tools.get(textAt(chunk, "toolCallId") ?? "");
    const button = buttonFrom(name, chunk.output);
    return button && { type: "button", button };
  }
}

function chunkOf(data: string): Record<string, unknown> | null {
  try {
    const chunk = parseJson(data);
    return isRecord(chunk) ? chunk : null;
  } catch {
    return null;
  }
}

/** Where an answer is read from, and who is told how far it was read. */
export interface Reading {
  /** What has read the answer so far; absent: it begins here. */
  chunks?: ChunkReader;
  /** Told before each event of its `id`: `Last-Event-ID` for going on after it. */
  onPlace?: (place: string) => void;
}

/**
 * The events of an answer's body, each as soon as its bytes are there. Ends after the first `end`;
 * leaving earlier closes the connection.
 */
export async function* answerEvents(
  body: ReadableStream<Uint8Array>,
  { chunks = new ChunkReader(), onPlace }: Reading = {},
): AsyncGenerator<AnswerEvent> {
  const reader = body.getReader();
  const decoder = new NativeTextDecoder();
  let waiting: { event: AnswerEvent; place: string | undefined }[] = [];
  let isBroken = false;
  const parser = createParser({
    maxBufferSize: EVENT_LENGTH,
    onEvent: ({ data, id }) => {
      const event = chunks.read(data);
      if (event) waiting.push({ event, place: id });
    },
    onError: ({ type }) => (isBroken ||= type === "max-buffer-size-exceeded"),
  });
  let isOver = false;
  try {
    for (;;) {
      const bytes = await nextBytes(reader);
      if (bytes) parser.feed(decoder.decode(bytes, { stream: true }));
      // A last event may lack its blank line: the contract's own example does.
      else if (!isBroken) parser.feed(`${decoder.decode()}\n\n`);
      for (const { event, place } of waiting) {
        if (place) onPlace?.(place);
        isOver = event.type === "end";
        yield event;
        if (isOver) return;
      }
      waiting = [];
      if (!bytes || isBroken) return yield { type: "end", outcome: "cut" };
    }
  } finally {
    void close(reader, isOver);
  }
}

/** The next bytes, or null at the end, at a broken connection and after too long a silence. */
export async function nextBytes(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<Uint8Array | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), SILENCE_MS);
  });
  try {
    return await Promise.race([reader.read().then(({ value }) => value ?? null), silence]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

/** After its last event a stream closes by itself, and the connection can be used again. */
async function close(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  isOver: boolean,
): Promise<void> {
  if (isOver) while (await nextBytes(reader));
  // Closed already, or broken: either is what is asked for here.
  await reader.cancel().catch(() => {});
}
