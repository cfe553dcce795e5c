/**
 * Markdown that grows: marked's lexer, and a renderer of ours to DOM nodes. While text comes, only
 * the last block, which is still open, is lexed again; the blocks before it are left alone. At the
 * end one full pass settles what only the whole text can say, such as reference links, so the
 * result is what rendering it at once would give.
 */
import { Lexer, type Links, type Token } from "marked";
import { appendBlocks } from "./blocks";
import { createSources, placeholders } from "./citations";
import { morphChildren } from "./morph";

interface Lexed {
  tokens: Token[];
  links: Links;
}

export class MarkdownStream {
  readonly #root: HTMLElement;
  readonly #sourcesHeading: string;
  /** Up to here, in UTF-16 units, the source is rendered for good. */
  #offset = 0;
  /** That many child nodes of the root belong to it. */
  #settledNodes = 0;
  /** Definitions in the settled part. */
  #links: Links = {};

  constructor(root: HTMLElement, sourcesHeading: string) {
    this.#root = root;
    this.#sourcesHeading = sourcesHeading;
  }

  /** Shows a longer text with the same beginning. A different one is rendered from its start. */
  update(source: string): void {
    if (source.length < this.#offset) this.#restart();
    const tail = source.slice(this.#offset);
    const { tokens } = lex(tail, { ...placeholders(tail), ...this.#links });
    const settled = settledCount(tokens, tail);
    const fragment = document.createDocumentFragment();
    appendBlocks(fragment, tokens.slice(0, settled));
    const settledNodes = fragment.childNodes.length;
    appendBlocks(fragment, tokens.slice(settled));
    morphChildren(this.#root, this.#settledNodes, fragment);
    this.#settledNodes += settledNodes;
    for (const token of tokens.slice(0, settled)) this.#settle(token);
  }

  /** Shows the whole text. */
  finish(source: string): void {
    const { tokens, links } = lex(source, {});
    const fragment = document.createDocumentFragment();
    appendBlocks(fragment, tokens);
    const sources = createSources(source, links, this.#sourcesHeading);
    if (sources) fragment.append(sources);
    morphChildren(this.#root, 0, fragment);
    this.#restart();
  }

  #settle(token: Token): void {
    this.#offset += token.raw.length;
    if (token.type === "def") this.#links[token.tag] ??= { href: token.href, title: token.title };
  }

  #restart(): void {
    this.#offset = 0;
    this.#settledNodes = 0;
    this.#links = {};
  }
}

function lex(source: string, known: Links): Lexed {
  const lexer = new Lexer({ gfm: true });
  Object.assign(lexer.tokens.links, known);
  try {
    const tokens = lexer.lex(source);
    return { tokens, links: tokens.links };
  } catch {
    // Nesting deeper than the stack: nothing a reader could make sense of either.
    return { tokens: [{ type: "code", raw: source, text: source }], links: {} };
  }
}

/** How many tokens, from the first, no further text can change: all before the last block. */
function settledCount(tokens: readonly Token[], source: string): number {
  let last = tokens.length - 1;
  while (last > 0 && tokens[last]?.type === "space") last -= 1;
  const raw = tokens.slice(0, Math.max(last, 0)).map((token) => token.raw);
  // The lexer normalises line ends and tabs; where that moved anything, offsets cannot be trusted.
  return source.startsWith(raw.join("")) ? raw.length : 0;
}
