/**
 * Markdown that grows: marked's lexer, and a renderer of ours to DOM nodes. At the end the blocks
 * of the whole text are compared with those drawn while it came: what only the whole text can say,
 * such as the address of a reference, is drawn then, and the rest is left alone. The result is what
 * rendering it at once would give.
 */
import type { Links } from "marked";
import { atOnce, type Steps } from "../../context/steps";
import { drawn } from "./blocks";
import { mayCite, placeholders } from "./citations";
import { withoutBegunDefinition } from "./definitions";
import { Blocks } from "./growing";
import type { BlocksHost } from "./open-block";
import { noLinks, parse, verbatim, type Parsed } from "./parse";
import { Place } from "./place";
import type { MarkdownWords } from "./rendering";

export class MarkdownStream {
  readonly #root: HTMLElement;
  readonly #begin: () => Place;
  readonly #host: BlocksHost;
  #blocks: Blocks;
  /** Definitions known so far. */
  #links = noLinks();

  /** `onSettled` is told of elements that will not change any more; `partLength` is a place's. */
  constructor(
    root: HTMLElement,
    words: MarkdownWords,
    onSettled: (elements: readonly Element[]) => void = () => {},
    partLength?: number,
  ) {
    this.#root = root;
    this.#begin = () => new Place(root, partLength);
    this.#host = {
      words,
      onSettled,
      known: (piece) => Object.assign(noLinks(), placeholders(piece), this.#links),
    };
    this.#blocks = this.#anew();
  }

  /** What the text defines, as far as it has come. */
  get links(): Links {
    return this.#links;
  }

  /** Shows a longer text with the same beginning. A different one is drawn from its start. */
  update(source: string): void {
    const text = withoutBegunDefinition(normalised(source.replace(/\r$/, "")));
    try {
      const before = this.#blocks.settled.length;
      this.#blocks.update(text);
      this.#define(before);
    } catch (error) {
      this.#showVerbatim(text, error);
    }
  }

  /** Shows the whole text. */
  finish(source: string): void {
    atOnce(this.finishing(source));
  }

  /** The same in steps, a block at a time. Left before its end, it is begun anew by what is shown next. */
  *finishing(source: string): Steps<void> {
    const text = normalised(source);
    try {
      const parsed = parse(text, noLinks());
      yield;
      yield* this.#redraw(parsed);
      this.#links = parsed.links;
      this.#host.onSettled([...this.#root.children]);
    } catch (error) {
      this.#showVerbatim(text, error);
    } finally {
      this.#blocks = this.#anew();
    }
  }

  #anew(): Blocks {
    return new Blocks(this.#begin, this.#host, "top");
  }

  #define(from: number): void {
    for (const { token } of this.#blocks.settled.slice(from))
      if (token.type === "def") this.#links[token.tag] ??= { href: token.href, title: token.title };
  }

  /** Draws every block as the whole text wants it; those that are drawn so already stay. */
  *#redraw({ tokens, inlineOf }: Parsed): Steps<void> {
    const rendering = { words: this.#host.words, inlineOf };
    const { settled } = this.#blocks;
    const place = this.#begin();
    let isSame = true;
    for (const [index, token] of tokens.entries()) {
      const before = settled[index];
      const { raw } = token;
      isSame &&= before?.token.raw === raw && before.token.type === token.type;
      if (isSame && before && !mayCite(raw)) {
        place.pass(before.size, raw.length);
        continue;
      }
      const blocks = drawn([token], rendering);
      const size = blocks.childNodes.length;
      place.draw(blocks, isSame && before ? before.size : size);
      place.pass(size, raw.length);
      yield;
    }
    place.drawLast(document.createDocumentFragment());
  }

  /** An answer is never lost to what cannot be drawn, such as nesting deeper than the stack. */
  #showVerbatim(text: string, error: unknown): void {
    if (!(error instanceof RangeError))
      console.error("Asklight: an answer is shown as text", error);
    const { tokens, inlineOf } = verbatim(text);
    this.#begin().drawLast(drawn(tokens, { words: this.#host.words, inlineOf }));
    this.#blocks = this.#anew();
  }
}

/** Line ends as the lexer writes them, so that its offsets are ours. */
function normalised(source: string): string {
  return source.includes("\r") ? source.replace(/\r\n?/g, "\n") : source;
}
