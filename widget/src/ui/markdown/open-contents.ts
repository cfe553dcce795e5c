/**
 * A list's last item, or a quote, that grows. A line that bears its mark, or is indented enough, is
 * surely part of it: without the mark it goes to the blocks inside. Any other line may be lazy, or
 * the end, and is for the lexer to judge.
 */
import type { OpenBlock } from "./open-block";

export interface Inside {
  update(source: string): void;
}

/** A line without the mark of the block it is in; null where it may not be in it. */
type Unmark = (line: string) => string | null;

/** What the lexer made of a block so far: its source, and the text inside it. */
interface Lexed {
  raw: string;
  text: string;
}

export class OpenContents implements OpenBlock {
  readonly #inside: Inside;
  readonly #unmark: Unmark;
  /** The text inside up to `#at` in the block's source. */
  #text: string;
  #at: number;
  #isInFirstLine = true;

  constructor({ raw, text }: Lexed, unmark: Unmark, inside: Inside) {
    this.#inside = inside;
    this.#unmark = unmark;
    this.#text = text;
    this.#at = raw.length;
    inside.update(text);
  }

  update(source: string): boolean {
    let end: number;
    while ((end = source.indexOf("\n", this.#at)) >= 0) {
      const line = this.#line(source.slice(this.#at, end));
      if (line === null) return false;
      this.#text += line;
      this.#at = end + 1;
      this.#isInFirstLine = false;
    }
    const begun = this.#line(source.slice(this.#at));
    if (begun === null) return false;
    this.#inside.update((this.#text + begun).trimEnd());
    return true;
  }

  #line(line: string): string | null {
    if (this.#isInFirstLine) return line;
    const text = this.#unmark(line);
    return text === null ? null : `\n${text}`;
  }
}

/** Of a block quote. A tab behind the mark is counted by columns, which is left to the lexer. */
export function unquoted(line: string): string | null {
  if (line === "") return "";
  const mark = /^ {0,3}> ?(?!\t)/.exec(line);
  return mark ? line.slice(mark[0].length) : null;
}

const ITEM = /^( {0,3}(?:[-+*]|\d{1,9}[.)]) {1,4})(?! )\S/;

/** Of a list's item that begins with text; null for one whose indentation is left to the lexer. */
export function indentedLike(item: string): Unmark | null {
  const indent = ITEM.exec(item)?.[1]?.length;
  if (indent === undefined) return null;
  return (line) => {
    if (line.trim() === "") return "";
    return line.search(/[^ ]/) < indent ? null : line.slice(indent);
  };
}
