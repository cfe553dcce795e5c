/** The shapes the widget, its panel and the extension share. Lengths are UTF-16 units everywhere. */

/** A selection and the block, or blocks, it stands in. */
export interface Passage {
  text: string;
  paragraph: string | null;
  /** How many more characters were selected than were gathered. */
  more?: number;
}

/** What was gathered from a page; every part may be absent. */
export interface PageReading {
  url: string | null;
  title: string | null;
  content: string | null;
  selections: Passage[];
  /** For suggested questions only; headings are not sent by themselves. */
  headings?: readonly string[];
  /** How many characters were left out because nobody sees them. */
  hidden?: number;
  /** Plain words shown where the chips are, such as how to read this page again. */
  notice?: string;
}

/** Where readings come from. Asked when the panel opens and when the visitor turns to the question. */
export interface PageSource {
  read(): Promise<PageReading>;
}

/** A small store of strings. Absent values are null; a store that cannot keep anything keeps nothing. */
export interface KeyValueStore {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<void>;
  remove(key: string): Promise<void>;
}

/** How a site wants the panel to look and speak. Every part may be absent. */
export interface Look {
  displayName?: string;
  welcomeMessage?: string;
  inputPlaceholder?: string;
  /** `#rgb` or `#rrggbb`: the marker's colour on light and on dark paper. */
  brandColor?: string;
  brandColorDark?: string;
  position?: "bottom-left" | "bottom-right";
  theme?: "light" | "dark" | "auto";
  /** Where the site says what it does with what is asked; http or https. */
  privacyUrl?: string;
  /** How long chats are kept, in the owner's words. */
  retentionNotice?: string;
}

/** The `pageContext` of a message, as the v2 contract names it. */
export interface PageContext {
  url?: string;
  title?: string;
  content?: string;
  textSelection?: string;
}

export type Feedback = "like" | "dislike";

/** What an answer rests on, as its stream names it. A document has no address. */
export interface Source {
  url: string | null;
  title: string | null;
}

/** A button a tool of the assistant's wants shown under the answer. Its address is not checked yet. */
export interface LinkButton {
  label: string;
  href: string;
  isPrimary: boolean;
}

/** What an answer brings besides its text. */
export interface AnswerExtras {
  reasoning: string;
  sources: readonly Source[];
  buttons: readonly LinkButton[];
}

/** How an answer ended. `failed`: the assistant gave up. `cut`: the connection did, or a limit was reached. */
export type Outcome = "complete" | "stopped" | "failed" | "cut";

/** A message as the server keeps it. */
export interface StoredMessage {
  id: string;
  role: "user" | "assistant" | "human_agent";
  text: string;
  /** An answer still being written is cut, so far; null where nothing is said of it. */
  outcome: Outcome | null;
  feedback: Feedback | null;
  personName: string | null;
  pageUrl: string | null;
  pageTitle: string | null;
  textSelection: string | null;
  extras: AnswerExtras;
}

export interface StoredConversation {
  id: string;
  isOpen: boolean;
  /** A person answers in it; `personName` is their name where the server says it. */
  isHumanHandled: boolean;
  personName: string | null;
  messages: StoredMessage[];
}
