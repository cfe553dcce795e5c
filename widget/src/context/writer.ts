import { withoutInvisible } from "./clean";

export type Gap = "" | " " | "\n" | "\n\n";

/** Collects words and the gaps between them; of several gaps in a row the widest is written. */
export class TextWriter {
  readonly #limit: number;
  #text = "";
  #gap: Gap = "";

  /** More text than `limit` is not gathered, so that an endless page costs a bounded time. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get isFull(): boolean {
    return this.#text.length >= this.#limit;
  }

  gap(gap: Gap): void {
    if (gap.length > this.#gap.length || (gap === "\n" && this.#gap === " ")) this.#gap = gap;
  }

  /** Writes text, preformatted or not, and gives its length without what no reader sees. */
  write(text: string, isVerbatim: boolean): number {
    const seen = withoutInvisible(text);
    if (isVerbatim) this.#write(seen);
    else this.flow(seen);
    return seen.length;
  }

  /** Text of an inline run: white space collapses, as it does on the page. */
  flow(text: string): void {
    const words = text.replace(/[ \t\n\r\f]+/g, " ");
    if (words.startsWith(" ")) this.gap(" ");
    this.#write(words.trim());
    if (words.endsWith(" ")) this.gap(" ");
  }

  toString(): string {
    return this.#text;
  }

  #write(words: string): void {
    if (words === "" || this.isFull) return;
    this.#text += (this.#text === "" ? "" : this.#gap) + words;
    this.#gap = "";
  }
}
