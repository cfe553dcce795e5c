/**
 * Markdown that grows: marked's lexer, and a renderer of ours to DOM nodes. At the end the blocks
 * of the whole text are compared with those drawn while it came: what only the whole text can say,
 * such as the address of a reference, is drawn then, and the rest is left alone. The result is what
 * rendering it at once would give.
 */
import type { Links } from "marked";
import { atOnce, type Steps } from "../../context/steps";
import { appendBlocks } from "./blocks";
import { mayCite, placeholders } from "./citations";
import { withoutBegunDefinition } from "./definitions";
import { Blocks } from "./growing";
import type { BlocksHost } from "./open-block";
import { morphChildren } from "./morph";
import { noLinks, parse, verbatim, type Parsed } from "./parse";
import type { MarkdownWords } from "./rendering";

export class MarkdownStream {
  readonly #root: HTMLElement;
  readonly #host: BlocksHost;
  #blocks: Blocks;
  /** Definitions known so far. */
  #links = noLinks();

  /** `onSettled` is told of elements that will not change any more. */
  constructor(
    root: HTMLElement,
    words: MarkdownWords,
    onSettled: (elements: readonly Element[]) => void = () => {},
  ) {
    this.#root = root;
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
    return new Blocks(this.#root, this.#host, "top");
  }

  #define(from: number): void {
    for (const { token } of this.#blocks.settled.slice(from))
      if (token.type === "def") this.#links[token.tag] ??= { href: token.href, title: token.title };
  }

  /** Draws every block as the whole text wants it; those that are drawn so already stay. */
  *#redraw({ tokens, inlineOf }: Parsed): Steps<void> {
    const rendering = { words: this.#host.words, inlineOf };
    const { settled } = this.#blocks;
    let node = 0;
    let isSame = true;
    for (const [index, token] of tokens.entries()) {
      const drawn = settled[index];
      isSame &&= drawn?.token.raw === token.raw && drawn.token.type === token.type;
      if (isSame && drawn && !mayCite(token.raw)) {
        node += drawn.size;
        continue;
      }
      const fragment = document.createDocumentFragment();
      appendBlocks(fragment, [token], rendering);
      const size = fragment.childNodes.length;
      morphChildren(this.#root, node, fragment, node + (isSame && drawn ? drawn.size : size));
      node += size;
      yield;
    }
    morphChildren(this.#root, node, document.createDocumentFragment());
  }

  /** An answer is never lost to what cannot be drawn, such as nesting deeper than the stack. */
  #showVerbatim(text: string, error: unknown): void {
    if (!(error instanceof RangeError))
      console.error("Asklight: an answer is shown as text", error);
    const { tokens, inlineOf } = verbatim(text);
    const fragment = document.createDocumentFragment();
    appendBlocks(fragment, tokens, { words: this.#host.words, inlineOf });
    morphChildren(this.#root, 0, fragment);
    this.#blocks = this.#anew();
  }
}

/** Line ends as the lexer writes them, so that its offsets are ours. */
function normalised(source: string): string {
  return source.includes("\r") ? source.replace(/\r\n?/g, "\n") : source;
}
