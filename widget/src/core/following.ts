/**
 * Which tab reads for all: the one that asked, and when it goes away another. The same for what a
 * person writes. Ten tabs so hold one connection, where HTTP/1.1 allows six.
 */
import type { TabOptions } from "./tabs";
import type { TurnHost } from "./turn";

/** Before looking again whether whoever reads is still there. */
const AGAIN_MS = 1_000;

/** Before trying again to load what listens to a person. */
const AGAIN_LATER_MS = 10_000;

export interface Leading {
  /** Whether this tab reads the answer for all. */
  readonly isLeading: boolean;
  someoneLeads(): Promise<boolean>;
  takeOver(): Promise<void>;
}

export class Following {
  readonly #host: TurnHost & Leading;
  readonly #tabs: TabOptions | null;
  /** Ends this tab's waiting for its turn to read; null while it does not wait. */
  #waiting: AbortController | null = null;
  /** Ends listening to a person, or waiting for that. */
  #listening: { id: string; end: AbortController } | null = null;

  constructor(host: TurnHost & Leading, tabs: TabOptions | null) {
    this.#host = host;
    this.#tabs = tabs;
  }

  /** This tab reads for all until `work` is over. */
  lead(work: Promise<void>): void {
    this.#waiting?.abort();
    this.#waiting = null;
    const tabs = this.#tabs;
    if (tabs)
      void tabs.hold(`${tabs.name}:turn`, new AbortController().signal, () => work).catch(() => {});
  }

  /** The state has changed: begins or ends what it asks for. */
  look(): void {
    this.#lookAtAnswer();
    this.#lookAtPerson();
  }

  end(): void {
    this.#waiting?.abort();
    this.#listening?.end.abort();
    this.#waiting = this.#listening = null;
  }

  /** Another tab reads an answer: this one stands by. */
  #lookAtAnswer(): void {
    const { activity } = this.#host.state;
    const isRead = activity !== "idle" && activity !== "loading";
    if (!isRead || this.#host.isLeading) {
      this.#waiting?.abort();
      this.#waiting = null;
    } else if (this.#tabs && !this.#waiting) {
      this.#waiting = new AbortController();
      void this.#standBy(this.#tabs, this.#waiting.signal);
    }
  }

  async #standBy({ hold, name }: TabOptions, signal: AbortSignal): Promise<void> {
    let isTaken = false;
    while (!signal.aborted && !isTaken) {
      await hold(`${name}:turn`, signal, async () => {
        if (signal.aborted) return;
        isTaken = !(await this.#host.someoneLeads());
        if (isTaken && !signal.aborted) void this.#host.takeOver();
      }).catch(() => {});
      if (!isTaken) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  #lookAtPerson(): void {
    const { id, person } = this.#host.state;
    const wanted = person ? id : null;
    if (wanted === (this.#listening?.id ?? null)) return;
    this.#listening?.end.abort();
    this.#listening = null;
    if (!wanted) return;
    const end = new AbortController();
    this.#listening = { id: wanted, end };
    void this.#listen(wanted, end.signal);
  }

  async #listen(id: string, signal: AbortSignal): Promise<void> {
    const work = async () => {
      const { listenToPerson } = await import("./people");
      await listenToPerson(this.#host, id, signal);
    };
    const tabs = this.#tabs;
    try {
      await (tabs ? tabs.hold(`${tabs.name}:person`, signal, work) : work());
    } catch {
      // What listens could not be loaded.
      await new Promise((resolve) => setTimeout(resolve, AGAIN_LATER_MS));
      if (signal.aborted) return;
      this.#listening = null;
      this.look();
    }
  }
}
