/**
 * Blocks that grow at their end. All but the last are drawn for good. The last one is still open:
 * a fence, a table, a list or a quote is drawn further by what came; any other block is lexed again.
 * Once it is over it is lexed once more as a whole, so that it is what it would be had it come at
 * once.
 */
import type { Token, Tokens } from "marked";
import { drawn } from "./blocks";
import type { BlocksHost, OpenBlock } from "./open-block";
import { OpenContents, unquoted } from "./open-contents";
import { OpenFence } from "./open-fence";
import { OpenList } from "./open-list";
import { OpenTable } from "./open-table";
import { loosened, parse } from "./parse";
import { Place } from "./place";
import type { Rendering } from "./rendering";

/** Of a text in a list's item, `loose` says that its lines are paragraphs. */
export type Kind = "top" | "tight" | "loose";

/** A block that is drawn for good. */
export interface Settled {
  token: Token;
  /** How many nodes it is. */
  size: number;
}

export class Blocks {
  readonly settled: Settled[] = [];
  readonly #begin: () => Place;
  readonly #host: BlocksHost;
  readonly #kind: Kind;
  #source = "";
  /** Up to here, in UTF-16 units, the source is drawn for good; and where what follows is drawn. */
  #offset = 0;
  #place: Place;
  #open: OpenBlock | null = null;
  #hasGap = false;

  /** `begin` gives the place where the first of them is drawn. */
  constructor(begin: () => Place, host: BlocksHost, kind: Kind) {
    this.#begin = begin;
    this.#place = begin();
    this.#host = host;
    this.#kind = kind;
  }

  /** Whether a blank line stands between two of the blocks: then a list around them is loose. */
  get hasGap(): boolean {
    return this.#hasGap;
  }

  /** Shows a longer text with the same beginning; a different one from its start. */
  update(source: string): void {
    if (!source.startsWith(this.#source)) this.#restart();
    this.#source = source;
    if (this.#open?.update(source.slice(this.#offset))) return;
    this.#open = null;
    this.#draw(source.slice(this.#offset));
  }

  #restart(): void {
    this.settled.length = 0;
    this.#offset = 0;
    this.#place = this.#begin();
    this.#open = null;
    this.#hasGap = false;
  }

  #draw(tail: string): void {
    const within = this.#kind === "top" ? "top" : "item";
    const { tokens, inlineOf } = parse(tail, this.#host.known(tail), within);
    if (this.#kind === "loose") loosened(tokens);
    const rendering = { words: this.#host.words, inlineOf };
    const count = settledCount(tokens, tail);
    const elements = tokens.slice(0, count).flatMap((token) => this.#settle(token, rendering));
    this.#place.drawLast(drawn(tokens.slice(count), rendering));
    this.#hasGap ||= tokens.slice(0, -1).some(isGap);
    if (elements.length > 0) this.#host.onSettled(elements);
    const open = tokens[count];
    if (open) this.#follow(open, this.#source.slice(this.#offset));
  }

  /** Draws a block for good; gives its elements. */
  #settle(token: Token, rendering: Rendering): Element[] {
    const blocks = drawn([token], rendering);
    const size = blocks.childNodes.length;
    this.#place.draw(blocks);
    this.settled.push({ token, size });
    this.#offset += token.raw.length;
    return this.#place
      .pass(size, token.raw.length)
      .filter((node): node is Element & ChildNode => node instanceof Element);
  }

  /** Goes on with the block at the end, where it is one that can be drawn further by itself. */
  #follow(token: Token, source: string): void {
    const element = this.#place.next;
    if (!(element instanceof Element)) return;
    if (token.type === "code") this.#open = OpenFence.from(source, element);
    if (token.type === "table" && !BLANK_LINE.test(source))
      this.#open = new OpenTable(source, element, this.#host);
    if (token.type === "blockquote")
      this.#open = new OpenContents(token as Tokens.Blockquote, unquoted, this.#in(element, "top"));
    if (token.type === "list") {
      const list = token as Tokens.List;
      const kind = list.loose ? "loose" : "tight";
      this.#open = new OpenList(list, element, this.#host, (item) => this.#in(item, kind));
    }
  }

  #in(element: Element, kind: Kind): Blocks {
    return new Blocks(() => new Place(element), this.#host, kind);
  }
}

const BLANK_LINE = /\n[ \t]*\n/;

function isGap({ type, raw }: Token): boolean {
  return type === "space" && /\n.*\n/.test(raw);
}

/** How many tokens, from the first, no further text can change: all before the last block. */
function settledCount(tokens: readonly Token[], source: string): number {
  let last = tokens.length - 1;
  while (last > 0 && tokens[last]?.type === "space") last -= 1;
  const raw = tokens.slice(0, Math.max(last, 0)).map((token) => token.raw);
  // Where the lexer changed anything, offsets cannot be trusted.
  return source.startsWith(raw.join("")) ? raw.length : 0;
}
