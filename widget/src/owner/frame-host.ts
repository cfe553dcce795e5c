/** The proxy's page in a frame: what the page around it does for the assistant within. */
import { capture } from "../context/capture";
import { watchNavigation } from "../context/navigation";
import { readPageGently } from "../context/page";
import type { UserToken } from "./api";
import { themeFrom } from "./arguments";
import { isEventName } from "./events";
import { CONNECT, isRecord, READY, type ToFrame } from "./link";
import type { Inside, Outside } from "./sides";

export class FrameHost implements Inside {
  readonly #outside: Outside;
  #user: UserToken | null = null;
  readonly #frame = document.createElement("iframe");
  #port: MessagePort | null = null;
  /** What was said before the frame listened. */
  #waiting: ToFrame[] = [];

  constructor(outside: Outside) {
    this.#outside = outside;
    const { root, proxy, data, life, user } = outside;
    if (user) this.identify(user);
    const { signal } = life;
    this.#frame.src = `${proxy}/chat?site=${encodeURIComponent(data.site ?? "demo")}`;
    this.#frame.title = data.title ?? "Assistant";
    this.#frame.allow = "clipboard-write";
    addEventListener("message", this.#heard, { signal });
    watchNavigation(() => this.#say({ type: "left" }), signal);
    root.replaceChildren(this.#frame);
  }

  ask(question: string): void {
    this.#say({ type: "ask", question, isSent: true });
  }

  draft(question: string): void {
    this.#say({ type: "ask", question, isSent: false });
  }

  focus(): void {
    this.#frame.focus();
    this.#say({ type: "focus" });
  }

  async refresh(): Promise<void> {
    const { data, page, selection } = this.#outside;
    const selected = selection();
    const passage = selected && (selected.captured ?? capture(selected.range))?.passage;
    const read = await readPageGently(document, data.content ? { content: data.content } : {});
    const selections = passage ? [passage] : [];
    this.#say({ type: "page", page: { ...read, ...page, selections } });
  }

  restyle(): void {
    const theme = themeFrom(this.#outside.data.theme);
    if (theme) this.#say({ type: "theme", theme });
  }

  identify(user: UserToken | null): void {
    this.#user = user;
    this.#say({ type: "user", isKnown: user !== null });
  }

  destroy(): void {
    this.#port?.close();
    this.#frame.remove();
  }

  async #vouch(): Promise<void> {
    let token: unknown = null;
    try {
      token = await (typeof this.#user === "function" ? this.#user() : this.#user);
    } catch (error) {
      console.error("Asklight: the user's token failed", error);
    }
    this.#say({ type: "token", token: typeof token === "string" ? token : null });
  }

  #say(message: ToFrame): void {
    if (this.#port) this.#port.postMessage(message);
    else this.#waiting.push(message);
  }

  /** The frame listens: the proxy's page in it, and nobody else, gets the other end of a channel. */
  #heard = ({ source, origin, data }: MessageEvent<unknown>): void => {
    const { proxy } = this.#outside;
    const target = this.#frame.contentWindow;
    if (!target || source !== target || origin !== proxy || data !== READY) return;
    this.#port?.close();
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.onmessage = this.#told;
    target.postMessage(CONNECT, proxy, [port2]);
    this.restyle();
    for (const message of this.#waiting.splice(0)) this.#say(message);
  };

  #told = ({ data }: MessageEvent<unknown>): void => {
    if (!isRecord(data)) return;
    if (data.type === "read") void this.refresh();
    if (data.type === "token") void this.#vouch();
    // The proxy's page is of the site's own choosing: its events are handed on as they are.
    if (data.type === "event" && isEventName(data.name))
      this.#outside.tell(data.name, data.detail as never);
  };
}
