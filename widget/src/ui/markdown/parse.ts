/** marked's lexer, its blocks first; what stands inside a block is lexed when it is drawn. */
import { Lexer, type Links, type MarkedOptions, type Token } from "marked";
import { definitionLine } from "./definitions";
import { mathBlock, mathInline, withoutMath } from "./maths";

/** Where a text stands: the items of a list hold their first lines without a paragraph. */
export type Place = "top" | "item";

export interface Parsed {
  tokens: Token[];
  /** Every definition known, those given included. */
  links: Links;
  /** The inline tokens of a block, lexed when they are first asked for. */
  inlineOf(tokens: readonly Token[] | undefined): readonly Token[];
}

const OPTIONS = {
  gfm: true,
  extensions: {
    renderers: {},
    childTokens: {},
    block: [definitionLine.tokenizer, mathBlock.tokenizer],
    startBlock: [definitionLine.start, mathBlock.start],
    inline: [mathInline.tokenizer],
    startInline: [mathInline.start],
  },
  hooks: { emStrongMask: withoutMath } as unknown as NonNullable<MarkedOptions["hooks"]>,
} satisfies MarkedOptions;

/** No definitions; without a prototype, since labels come from the text. */
export function noLinks(): Links {
  return Object.create(null) as Links;
}

export function parse(source: string, known: Links, place: Place = "top"): Parsed {
  const lexer = new Lexer(OPTIONS);
  Object.assign(lexer.tokens.links, known);
  lexer.state.top = place === "top";
  const tokens = lexer.blockTokens(source, lexer.tokens);
  const waiting = new Map(lexer.inlineQueue.map(({ src, tokens: inside }) => [inside, src]));
  return {
    tokens,
    links: lexer.tokens.links,
    inlineOf: (inside = []) => {
      const text = waiting.get(inside as Token[]);
      if (text === undefined) return inside;
      waiting.delete(inside as Token[]);
      // Raw HTML left open in one block says nothing of another; drawing shows it as text anyway.
      Object.assign(lexer.state, { inLink: false, inRawBlock: false });
      return lexer.inlineTokens(text, inside as Token[]);
    },
  };
}

/** The first lines of an item are paragraphs where its list is loose. */
export function loosened(tokens: readonly Token[]): void {
  for (const token of tokens) if (token.type === "text") token.type = "paragraph";
}

/** What is shown where nesting is deeper than the stack: the text itself. */
export function verbatim(source: string): Parsed {
  const tokens: Token[] = [{ type: "code", raw: source, text: source }];
  return { tokens, links: noLinks(), inlineOf: () => [] };
}
