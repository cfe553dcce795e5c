import type { Links } from "marked";
import type { MarkdownWords } from "./rendering";

/** A block that may still grow, and can be drawn further without looking at all of it again. */
export interface OpenBlock {
  /**
   * Shows a longer source of the block. False where what came may not belong to it any more: then
   * the whole block is lexed again, with what follows.
   */
  update(source: string): boolean;
}

/** What blocks that grow are told, and tell. */
export interface BlocksHost {
  readonly words: MarkdownWords;
  /** The definitions to lex a piece of text with. */
  known(piece: string): Links;
  /** Elements are drawn for good. */
  onSettled(elements: readonly Element[]): void;
}
