/** What a person writes who has taken over: read as it comes, over lost connections. Loaded when one has. */
import { createParser } from "eventsource-parser";
import type { Person } from "./conversation";
import { failureOf, mayHaveArrived } from "./failure";
import { newId } from "./ids";
import { EVENT_LENGTH } from "./limits";
import { parseJson } from "./natives";
import { pause } from "./recovery";
import { messageFrom } from "./messages";
import { isRecord } from "./records";
import { nextBytes } from "./stream";
import type { TurnHost } from "./turn";

/** Between two tries: longer each time nothing came. */
const SHORTEST_MS = 1_000;
const LONGEST_MS = 30_000;

/** Follows a conversation's events until aborted, or until it is known that none can come. */
export async function listenToPerson(
  host: TurnHost,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  let wait = SHORTEST_MS;
  let place = placeIn(host);
  void learnName(host, id, signal);
  while (!signal.aborted) {
    try {
      await follow(host, id, place, signal, (reached) => {
        place = reached;
        wait = SHORTEST_MS;
      });
    } catch (thrown) {
      const failure = failureOf(thrown);
      if (signal.aborted || !(mayHaveArrived(failure) || failure.kind === "limited")) return;
      wait = Math.max(wait, (failure.retryAfter ?? 0) * 1_000);
    }
    await pause(wait, signal);
    wait = Math.min(wait * 2, LONGEST_MS);
  }
}

/** What this conversation has of people by now, as the proxy names it. */
function placeIn({ state }: TurnHost): string {
  const last = state.entries.findLast(({ kind }) => kind === "person");
  return `${last?.id ?? ""}:1`;
}

async function follow(
  host: TurnHost,
  id: string,
  place: string,
  signal: AbortSignal,
  onPlace: (place: string) => void,
): Promise<void> {
  const response = await host.assistant.client.read(
    `conversations/${encodeURIComponent(id)}/events`,
    {
      signal,
      isStream: true,
      headers: { "Last-Event-ID": place, Accept: "text/event-stream" },
    },
  );
  const reader = response.body?.getReader();
  if (!reader) return;
  const decoder = new TextDecoder();
  const parser = createParser({
    maxBufferSize: EVENT_LENGTH,
    onEvent: (event) => {
      if (host.state.id === id) hear(host, event.data);
      if (event.id) onPlace(event.id);
    },
  });
  try {
    for (let bytes; (bytes = await nextBytes(reader));)
      parser.feed(decoder.decode(bytes, { stream: true }));
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function hear(host: TurnHost, data: string): void {
  const message = personFrom(data);
  if (message) host.change({ type: "person-said", message });
}

function personFrom(data: string): Person | null {
  let value: unknown;
  try {
    value = parseJson(data);
  } catch {
    return null;
  }
  const message =
    isRecord(value) && value.type === "new_message" ? messageFrom(value.message) : null;
  if (message?.role !== "human_agent") return null;
  return { kind: "person", id: message.id, name: message.personName, text: message.text };
}

/** Who has taken over, where the conversation says it. */
async function learnName(host: TurnHost, id: string, signal: AbortSignal): Promise<void> {
  if (host.state.person?.name) return;
  const stored = await host.assistant.conversation(id).catch(() => null);
  if (signal.aborted || host.state.id !== id || !stored?.personName) return;
  host.change({ type: "person-joined", name: stored.personName, noticeId: newId() });
}
