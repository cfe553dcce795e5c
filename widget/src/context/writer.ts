import { withoutInvisible } from "./clean";

/** More text than this is not gathered, so that an endless page costs a bounded time. */
const GATHERED_LENGTH = 1_000_000;

type Gap = "" | " " | "\n" | "\n\n";

/** Collects words and the gaps between them; of several gaps in a row the widest is written. */
export class TextWriter {
  #text = "";
  #gap: Gap = "";

  get isFull(): boolean {
    return this.#text.length >= GATHERED_LENGTH;
  }

  gap(gap: Gap): void {
    if (gap.length > this.#gap.length || (gap === "\n" && this.#gap === " ")) this.#gap = gap;
  }

  /** Text of an inline run: white space collapses, as it does on the page. */
  flow(text: string): void {
    const words = withoutInvisible(text).replace(/[ \t\n\r\f]+/g, " ");
    if (words.startsWith(" ")) this.gap(" ");
    this.#write(words.trim());
    if (words.endsWith(" ")) this.gap(" ");
  }

  /** Preformatted text: kept as it is. */
  verbatim(text: string): void {
    this.#write(withoutInvisible(text));
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
