/**
 * What of a growing answer can be read aloud: whole sentences and rows of tables, without marks,
 * addresses and definitions. Code is not read out; that there is some is said once it is complete.
 */
import { fill, type Words } from "../../core/words";

/** Sentence ends of most scripts, with the closing marks and the space after them. */
const SENTENCE_END = /[.!?…][)\]"'”’»*_]*\s+|[。！？][」』”’）]*\s*/;

/** The end of a line after which something else begins: a blank line, an item, a heading, a block. */
const BLOCK_END = /\n(?=[ \t]*(?:\n|[-*+] |\d{1,9}[.)] |#{1,6} |>|`{3}|~{3}|\||\[\d{1,3}\]:))/;

const FENCE = /^[ \t]*(?:(?:[-*+>]|\d{1,9}[.)])[ \t]+)*(`{3,}|~{3,})([^\n]*)\n/;
const DEFINITION = /^ {0,3}\[[^\]\n]+\]:/;
const ROW = /^[ \t]*\|/;
const RULE = /^[ \t|:-]+$/;

/** A piece of the source and what is said for it. */
interface Piece {
  length: number;
  spoken: string;
}

/** What is new and complete in a source from an offset on, and up to where it has been said. */
export function nextSpoken(
  source: string,
  from: number,
  isOver: boolean,
  words: Pick<Words, "codeSpoken" | "codeSpokenIn">,
): { spoken: string; to: number } {
  const spoken: string[] = [];
  let to = from;
  while (to < source.length) {
    const isLineStart = to === 0 || source.charAt(to - 1) === "\n";
    const rest = source.slice(to);
    const piece = (isLineStart && lineOf(rest, isOver, words)) || sentenceOf(rest, isOver);
    if (piece === "wait") break;
    spoken.push(piece.spoken);
    to += piece.length;
  }
  return { spoken: spoken.filter(Boolean).join(" "), to };
}

type Found = Piece | "wait";

/** A block that is known by the beginning of its line; null where a sentence begins. */
function lineOf(
  rest: string,
  isOver: boolean,
  words: Pick<Words, "codeSpoken" | "codeSpokenIn">,
): Found | null {
  const end = rest.indexOf("\n");
  const line = end < 0 ? rest : rest.slice(0, end);
  const isWhole = end >= 0 || isOver;
  const length = end < 0 ? rest.length : end + 1;
  const fence = FENCE.exec(rest);
  if (fence) return codeOf(rest, fence, isOver, words);
  if (/^[ \t]*(`{1,2}|~{1,2}|`{3}[^\n]*|~{3}[^\n]*)$/.test(line) && !isWhole) return "wait";
  if (DEFINITION.test(line)) return isWhole ? { length, spoken: "" } : "wait";
  if (ROW.test(line)) return isWhole ? { length, spoken: rowSpoken(line) } : "wait";
  return null;
}

function codeOf(
  rest: string,
  [opening, fence = "", info = ""]: RegExpExecArray,
  isOver: boolean,
  words: Pick<Words, "codeSpoken" | "codeSpokenIn">,
): Found {
  const closing = new RegExp(`\\n[ \\t>]*${fence.charAt(0)}{${fence.length},}[ \\t]*(?:\\n|$)`);
  const end = closing.exec(rest.slice(opening.length - 1));
  const isClosed = end && (end[0].endsWith("\n") || isOver);
  if (!isClosed && !isOver) return "wait";
  const length = end ? opening.length - 1 + end.index + end[0].length : rest.length;
  const [language = ""] = info.trim().split(/[\s{,]/, 1);
  return { length, spoken: language ? fill(words.codeSpokenIn, { language }) : words.codeSpoken };
}

function rowSpoken(line: string): string {
  if (RULE.test(line)) return "";
  const cells = line.replace(/^[ \t]*\||\|[ \t]*$/g, "").split(/(?<!\\)\|/);
  return `${cells.map(withoutMarks).filter(Boolean).join(", ")}.`;
}

function sentenceOf(rest: string, isOver: boolean): Found {
  const ends = [SENTENCE_END, BLOCK_END].map((end) => end.exec(rest));
  const lengths = ends.flatMap((end) => (end ? [end.index + end[0].length] : []));
  if (lengths.length === 0 && !isOver) return "wait";
  const length = Math.min(rest.length, ...lengths);
  return { length, spoken: withoutMarks(rest.slice(0, length)) };
}

function withoutMarks(markdown: string): string {
  return markdown
    .replace(/^[ \t]*(?:(?:#{1,6}|>|[-*+])[ \t]+)+(?:\[[ xX]\][ \t]+)?/gm, "")
    .replace(/!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])/g, "$1")
    .replace(/ ?\[\d{1,3}\]/g, "")
    .replace(/(?<!\\)(\*{1,3}|_{1,3}|~~|`+)(?=\S)([^\n]*?)(?<=\S)\1(?!\w)/g, "$2")
    .replace(/\\([!-/:-@[-`{-~])/g, "$1")
    .replace(/\s+/g, " ")
    .trim();
}
