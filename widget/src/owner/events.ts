/** `Asklight("on", …)`: tells the page what happens in the panel, from the conversation as it changes. */
import type { Chat } from "../core/chat";
import type { Conversation, Entry } from "../core/conversation";
import type { Launcher } from "../launcher";
import type { Widget } from "../panel";
import type { AsklightEvents } from "./api";

type Name = keyof AsklightEvents;
type Told = { [Each in Name]: [Each, AsklightEvents[Each]] }[Name];
type Tell = <Each extends Name>(name: Each, detail: AsklightEvents[Each]) => void;
type Source = Pick<Launcher, "disc" | "isOpen" | "settle" | "widget">;

const NAMES: Record<Name, true> = {
  open: true,
  close: true,
  question: true,
  answer: true,
  failure: true,
  person: true,
  feedback: true,
};

export function isEventName(name: unknown): name is Name {
  return typeof name === "string" && Object.hasOwn(NAMES, name);
}

export class Events {
  readonly #listeners = new Map<string, Set<(detail: never) => void>>();
  readonly #launcher: Source;
  #widget: Widget | null = null;
  readonly #life = new AbortController();

  constructor(launcher: Source) {
    this.#launcher = launcher;
    const settle = launcher.settle.bind(launcher);
    // While the panel is on its way nobody has seen it open.
    let wasOpen = launcher.isOpen && !launcher.disc.ariaBusy;
    // The launcher has no room for listeners: it settles whenever the panel is opened or closed.
    launcher.settle = () => {
      settle();
      const { isOpen } = launcher;
      if (isOpen !== wasOpen) this.#tell(isOpen ? "open" : "close", {});
      wasOpen = isOpen;
      // The panel begins to load right after this.
      queueMicrotask(() => this.#watch());
    };
    this.#watch();
  }

  add(name: Name, listener: (detail: never) => void): void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
  }

  remove(name: Name, listener: (detail: never) => void): void {
    this.#listeners.get(name)?.delete(listener);
  }

  end(): void {
    this.#listeners.clear();
    this.#life.abort();
  }

  #watch(): void {
    this.#launcher.widget?.then(
      (widget) => {
        if (widget === this.#widget) return;
        this.#widget = widget;
        widget.watch((chat) => tellOf(chat, this.#tell, this.#life.signal));
      },
      () => {},
    );
  }

  #tell: Tell = (name, detail) => {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        (listener as (detail: unknown) => void)(detail);
      } catch (error) {
        // The page's own fault is the page's to see, and no other listener's.
        console.error(`Asklight: a listener of "${name}" failed`, error);
      }
    }
  };
}

/** Tells what happens in a chat until `signal` ends it. */
export function tellOf(chat: Chat, tell: Tell, signal?: AbortSignal): void {
  let before = chat.state;
  const unsubscribe = chat.subscribe(() => {
    const now = chat.state;
    const told = happened(before, now);
    before = now;
    if (!now.isHeard) for (const [name, detail] of told) tell(name, detail);
  });
  signal?.addEventListener("abort", unsubscribe);
}

/** What lies between two states of a conversation. What was brought back from before did not happen now. */
export function happened(before: Conversation, now: Conversation): Told[] {
  const earlier = new Map(before.entries.map((entry) => [entry.id, entry]));
  const isBroughtBack = before.activity === "loading" || before.id !== now.id;
  return now.entries.flatMap((entry) => tell(earlier.get(entry.id), entry, isBroughtBack, now));
}

function tell(
  old: Entry | undefined,
  entry: Entry,
  isBroughtBack: boolean,
  { entries }: Conversation,
): Told[] {
  if (old === entry) return [];
  const { id } = entry;
  if (entry.kind === "question") {
    if (!old && entry.state === "sending") return [["question", { id, text: entry.text }]];
    const hasFailed =
      entry.state === "failed" && old?.kind === "question" && old.state !== "failed";
    return hasFailed ? [["failure", { id, kind: entry.failure?.kind ?? "dropped" }]] : [];
  }
  if (entry.kind === "person")
    return old || isBroughtBack ? [] : [["person", { id, name: entry.name, text: entry.text }]];
  if (entry.kind !== "answer" || old?.kind !== "answer") return [];
  const told: Told[] = [];
  if (old.state === "streaming" && entry.state !== "streaming") {
    const asked = entries.find((other) => other.id === entry.questionId);
    const question = asked?.kind === "question" ? asked.text : null;
    told.push(["answer", { id, question, text: entry.text, state: entry.state }]);
  }
  if (old.feedback !== entry.feedback) told.push(["feedback", { id, feedback: entry.feedback }]);
  return told;
}
