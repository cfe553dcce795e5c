/**
 * What a page can say to the widget and hear from it: `Asklight(command, …)`. Types alone, which need
 * nothing else of ours, since the npm package hands them out as they are.
 */

export type Theme = "light" | "dark" | "auto";

/**
 * What the page says about itself, in place of what would be read from it. A part that is absent is
 * read as usual; null leaves it out. The visitor sees all of it before it is sent, and can take it out.
 */
export interface PageInput {
  url?: string | null;
  title?: string | null;
  content?: string | null;
}

/** What became of an answer. `cut`: its connection ended before it did. */
export type AnswerState = "complete" | "stopped" | "failed" | "cut";

/** What a listener is told, by the event's name. */
export interface AsklightEvents {
  open: Record<string, never>;
  close: Record<string, never>;
  /** The visitor asked; `text` is the question. */
  question: { id: string; text: string };
  /** An answer ended. `text` is what came of it, as markdown. */
  answer: { id: string; question: string | null; text: string; state: AnswerState };
  /** A question was not accepted; `kind` is why, such as `offline` or `limited`. */
  failure: { id: string; kind: string };
  /** A person wrote, after taking over from the assistant. */
  person: { id: string; name: string | null; text: string };
  /** The visitor rated an answer, or took that back. */
  feedback: { id: string; feedback: "like" | "dislike" | null };
}

export type Listener<Name extends keyof AsklightEvents> = (detail: AsklightEvents[Name]) => void;

/** Your word for your user: a JWT your server signed, or what gives a fresh one whenever a session begins. */
export type UserToken = string | (() => string | Promise<string>);

export interface Asklight {
  /** Opens or closes the panel; `destroy` takes the widget off the page for good. */
  (command: "open" | "close" | "toggle" | "destroy"): void;
  /** Opens the panel with a question in it. `send` asks at once, as when a visitor pressed your button. */
  (command: "ask", question: string, options?: { send?: boolean }): void;
  /** Tells what the page is about; null goes back to reading it. */
  (command: "context", page: PageInput | null): void;
  (command: "theme", theme: Theme): void;
  /** Whom you vouch for: their chats are there on each of their devices. Null: nobody, or they signed out. */
  (command: "identify", user: { token: UserToken } | null): void;
  /** Calls `listener` at every event of a name from now on, or no longer. */
  <Name extends keyof AsklightEvents>(
    command: "on" | "off",
    event: Name,
    listener: Listener<Name>,
  ): void;
}

/** The options of the script tag, each a `data-` attribute of it. */
export interface AsklightOptions {
  /** The site's id at the proxy. */
  site: string;
  /** `#RGB` or `#RRGGBB`. */
  color?: string;
  position?: "bottom-left" | "bottom-right";
  theme?: Theme;
  /** BCP 47; the page's own where absent. */
  lang?: string;
  /** A selector of what counts as the page's content. */
  content?: string;
  /** `off`: nothing is offered at a selection. */
  ask?: "off";
  /** JSON of the quick actions at a selection. */
  actions?: string;
  /** `side`: a panel beside the page, which makes room for it. */
  mode?: "bubble" | "side";
  /** A selector of what makes room for a panel at the side; the whole page where absent. */
  container?: string;
  /** Accent on dark paper, where it is another. */
  colorDark?: string;
  /** The panel's words on this page, in place of the site's. */
  title?: string;
  welcome?: string;
  placeholder?: string;
  /** The address of the privacy notice, and a sentence on how long chats are kept. */
  privacy?: string;
  retention?: string;
  /** `off`: no button; the page opens the panel itself. */
  launcher?: "off";
  /** Opens the panel at once. */
  open?: "";
}

/** `<asklight-widget data-site="…">`; its events are those of `Asklight("on", …)` but `open` and `close`. */
export interface AsklightElement extends HTMLElement {
  /** Puts a question into the composer; `send` asks at once. */
  ask(question: string, options?: { send?: boolean }): void;
  /** What the page is about, in place of what would be read from it. */
  context: PageInput | null;
  /** Whom you vouch for; null: nobody, or they signed out. */
  set user(user: { token: UserToken } | null);
  addEventListener<Name extends keyof AsklightEvents>(
    type: Name,
    listener: (event: CustomEvent<AsklightEvents[Name]>) => void,
    options?: AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "asklight-widget": AsklightElement;
  }
}
