/**
 * Definitions of sources as the service writes them: `[1]: https://… "Label"` on a line of its own,
 * also right under a paragraph, where CommonMark would take it for text.
 */
import type { TokenizerExtensionFunction, TokenizerStartFunction } from "marked";
import { linesOfParagraph } from "./maths";

const LINE =
  /^ {0,3}\[(\d{1,3})\]:[ \t]*<?(https?:\/\/[^\s<>]+)>?(?:[ \t]+(?:"((?:\\.|[^"\\\n])*)"|'((?:\\.|[^'\\\n])*)'))?[ \t]*(?:\n|$)/i;

const tokenizer: TokenizerExtensionFunction = function (source) {
  const [raw, number, href, quoted, single] = LINE.exec(source) ?? [];
  if (raw === undefined || number === undefined || href === undefined) return undefined;
  const title = (quoted ?? single)?.replace(/\\([!-/:-@[-`{-~])/g, "$1") ?? null;
  // The first definition of a label wins: CommonMark 0.31, section 4.7.
  this.lexer.tokens.links[number] ??= { href, title };
  return { type: "def", raw, tag: number, href, title };
};

const start: TokenizerStartFunction = (source) =>
  linesOfParagraph(source).search(/\n {0,3}\[\d{1,3}\]:[ \t]*<?https?:/i) + 1 || undefined;

export const definitionLine = { tokenizer, start };

/** The beginning of a last line that may become a definition. */
const BEGUN = /(?:^|\n) {0,3}\[(?:\d{0,3}|\d{1,3}\](?::[^\n]*)?)$/;

/** A growing text without a definition at its end that is not all there: half an address is another one. */
export function withoutBegunDefinition(source: string): string {
  const lastLine = source.lastIndexOf("\n");
  const begun = BEGUN.exec(source.slice(Math.max(0, lastLine)));
  return begun
    ? source.slice(0, Math.max(0, lastLine) + begun.index + (lastLine < 0 ? 0 : 1))
    : source;
}
