/**
 * Maths is left as it was written: no emphasis, escape or list in `$…$`, `$$…$$`, `\(…\)` and `\[…\]`.
 * A dollar opens only before and closes only after something that is no space, and no digit follows
 * it, so that prices stay prices.
 */
import type { TokenizerExtensionFunction, TokenizerStartFunction } from "marked";

/** Longer than this it is no formula, and looking for its end would cost too much. */
const LENGTH = 1_000;

const INLINE =
  `\\$\\$[^$]{1,${LENGTH}}\\$\\$` +
  `|\\$(?![\\s$])(?:\\\\[^\\n]|[^\\\\$\\n]){0,${LENGTH}}?(?<!\\s)\\$(?![\\d$])` +
  `|\\\\\\((?:(?!\\\\[()])[^]){1,${LENGTH}}\\\\\\)` +
  `|\\\\\\[(?:(?!\\\\[[\\]])[^]){1,${LENGTH}}\\\\\\]`;

const AT_START = new RegExp(`^(?:${INLINE})`);
const ANYWHERE = new RegExp(INLINE, "g");

/** A formula on lines of its own; a blank line ends it. */
const BLOCK =
  /^ {0,3}(?:\$\$(?:(?!\n[ \t]*\n)[^$])+\$\$|\\\[(?:(?!\n[ \t]*\n|\\[[\]])[^])+\\\])[ \t]*(?:\n|$)/;

/** A text up to its first blank line. */
export function linesOfParagraph(source: string): string {
  const end = source.indexOf("\n\n");
  return end < 0 ? source : source.slice(0, end);
}

function tokenizerOf(type: string, rule: RegExp): TokenizerExtensionFunction {
  return (source) => {
    const raw = rule.exec(source)?.[0];
    return raw === undefined ? undefined : { type, raw, text: raw.trim() };
  };
}

const startInline: TokenizerStartFunction = (source) => {
  const at = source.search(/\$|\\[([]/);
  return at < 0 ? undefined : at;
};

const startBlock: TokenizerStartFunction = (source) =>
  linesOfParagraph(source).search(/\n {0,3}(?:\$\$|\\\[)/) + 1 || undefined;

export const mathInline = { tokenizer: tokenizerOf("math", AT_START), start: startInline };
export const mathBlock = { tokenizer: tokenizerOf("mathBlock", BLOCK), start: startBlock };

/** Marks in formulas do not count when the ends of emphasis are looked for. */
export function withoutMath(source: string): string {
  return source.replace(ANYWHERE, (formula) => "a".repeat(formula.length));
}
