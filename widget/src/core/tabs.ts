/**
 * What the tabs of one visitor tell each other, so that all show the same and one reads for all.
 *
 * Every change a tab makes is told to the others under a number of its own. A tab that has them all
 * shows the same; one that finds a number missing, or begins, asks for the whole state. The page's
 * own scripts can hear and say all this: it holds nothing they cannot see in the panel, and what
 * comes in is looked at before it is believed.
 */
import type { Change } from "./changes";
import type { Conversation } from "./conversation";
import { newId } from "./ids";
import { isRecord, textAt } from "./records";

/** Where tabs hear each other. */
export interface Channel {
  post(message: unknown): void;
  /** `listener` is told what other tabs post. */
  listen(listener: (message: unknown) => void): void;
  close(): void;
}

/** Runs `work` while no other tab holds the name; gives up when `signal` aborts. */
export type Hold = (name: string, signal: AbortSignal, work: () => Promise<void>) => Promise<void>;

/** Where the visitor's other tabs are. */
export interface TabOptions {
  channel: Channel;
  hold: Hold;
  /** What these tabs have in common, for the names of locks. */
  name: string;
}

export interface Shared {
  state: Conversation;
  /** How far the answer was read: `turn:number`. */
  place: string | null;
}

/** What a tab does about news. */
export interface TabHost {
  readonly state: Conversation;
  readonly place: string | null;
  /** Whether this tab is reading an answer for all. */
  readonly isLeading: boolean;
  /** Whether other tabs may know: false while only this one knows the session. */
  readonly mayTell: boolean;
  hear(change: Change, place: string | null): void;
  adopt(shared: Shared): void;
  stop(): void;
}

type News =
  | { type: "hello" }
  | { type: "stop" }
  | { type: "change"; line: string; number: number; change: Change; place: string | null }
  | { type: "state"; line: string; seen: Seen; shared: Shared; leads: boolean; isSwitch: boolean };

/** How many changes of each tab are in a state. */
type Seen = Record<string, number>;

/** How long a tab that begins waits for others; what comes later is taken over, too. */
const JOIN_MS = 150;

/** How long to wait for whoever reads: without an answer it is gone. */
const LEADER_MS = 500;

export class Tabs {
  readonly #channel: Channel;
  readonly #host: TabHost;
  readonly #id = newId();
  /** Names the history of changes this tab's state came from. */
  #line = newId();
  #seen: Seen = {};
  #mayAdopt = false;
  #leaderHeard: (() => void) | null = null;

  constructor(channel: Channel, host: TabHost) {
    this.#channel = channel;
    this.#host = host;
    channel.listen((message) => {
      if (!isRecord(message) || typeof message.from !== "string") return;
      if (isNews(message.news)) this.#hear(message.from, message.news);
    });
  }

  /** A change made here. */
  tell(change: Change): void {
    const number = (this.#seen[this.#id] ?? 0) + 1;
    this.#seen[this.#id] = number;
    const { place } = this.#host;
    if (this.#host.mayTell) this.#post({ type: "change", line: this.#line, number, change, place });
  }

  /** This tab shows another conversation from now on, and so do all. */
  switched(): void {
    this.#line = newId();
    this.#seen = {};
    if (this.#host.mayTell) this.#postState(true);
  }

  /** Asks whoever reads the answer to stop it. */
  stop(): void {
    this.#post({ type: "stop" });
  }

  /** Takes over what other tabs show, where there are any. Resolves when that is known. */
  async join(): Promise<boolean> {
    this.#mayAdopt = true;
    this.#post({ type: "hello" });
    await new Promise((resolve) => setTimeout(resolve, JOIN_MS));
    return !this.#mayAdopt;
  }

  /** Whether another tab says that it is reading the answer. */
  someoneLeads(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), LEADER_MS);
      this.#leaderHeard = () => {
        clearTimeout(timer);
        resolve(true);
      };
      this.#post({ type: "hello" });
    });
  }

  close(): void {
    this.#channel.close();
  }

  #post(news: News): void {
    this.#channel.post({ from: this.#id, news });
  }

  #postState(isSwitch: boolean): void {
    const { state, place, isLeading } = this.#host;
    const shared = { state, place };
    const seen = { ...this.#seen };
    this.#post({ type: "state", line: this.#line, seen, shared, leads: isLeading, isSwitch });
  }

  #hear(from: string, news: News): void {
    switch (news.type) {
      case "hello":
        if (this.#host.mayTell) this.#postState(false);
        return;
      case "stop":
        if (this.#host.isLeading) this.#host.stop();
        return;
      case "change":
        return this.#hearChange(from, news);
      case "state":
        if (news.leads) this.#leaderHeard?.();
        if (news.isSwitch || this.#isAhead(news)) this.#adopt(news);
    }
  }

  #hearChange(from: string, news: Extract<News, { type: "change" }>): void {
    const known = this.#seen[from] ?? 0;
    if (news.line === this.#line && news.number <= known) return;
    if (news.line === this.#line && news.number === known + 1) {
      this.#seen[from] = news.number;
      return this.#host.hear(news.change, news.place);
    }
    // Something was missed: whoever has it says so.
    this.#mayAdopt = true;
    this.#post({ type: "hello" });
  }

  /** Whether a state holds more than this tab's. */
  #isAhead({ line, seen }: Extract<News, { type: "state" }>): boolean {
    if (line !== this.#line) return this.#mayAdopt && !this.#host.isLeading;
    const isBehind = Object.entries(this.#seen).some(([tab, count]) => (seen[tab] ?? 0) < count);
    const brings = Object.entries(seen).some(([tab, count]) => count > (this.#seen[tab] ?? 0));
    return brings && !isBehind;
  }

  #adopt({ line, seen, shared }: Extract<News, { type: "state" }>): void {
    this.#mayAdopt = false;
    this.#line = line;
    this.#seen = { ...seen };
    this.#host.adopt(shared);
  }
}

function isNews(value: unknown): value is News {
  if (!isRecord(value)) return false;
  if (value.type === "change") return isRecord(value.change) && typeof value.number === "number";
  if (value.type !== "state") return value.type === "hello" || value.type === "stop";
  const { shared, seen } = value;
  return (
    isRecord(seen) &&
    isRecord(shared) &&
    isRecord(shared.state) &&
    Array.isArray(shared.state.entries) &&
    shared.state.entries.every(isEntry)
  );
}

/** Whether it can be drawn. */
function isEntry(value: unknown): boolean {
  if (!isRecord(value) || !textAt(value, "id")) return false;
  if (value.kind === "notice") return typeof value.notice === "string";
  const isKnown = value.kind === "question" || value.kind === "answer" || value.kind === "person";
  return (
    isKnown && typeof value.text === "string" && (value.kind !== "answer" || isRecord(value.extras))
  );
}
