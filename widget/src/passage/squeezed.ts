/**
 * The text of a document without its white space and without characters nobody sees, and the way
 * back from a place in it to the node: what was quoted is found again however the page wraps,
 * indents or divides its text.
 */
import { withoutInvisible } from "../context/clean";
import type { Steps } from "../context/steps";

/** No text a passage is quoted from; what a page's form fields hold is none either. */
const SILENT =
  "script,style,noscript,template,textarea,select,[data-asklight-ignore],asklight-widget";

/** A longer page is searched up to here. */
const LENGTH = 2_000_000;

export function squeeze(text: string): string {
  return withoutInvisible(text).replace(/\s+/g, "");
}

interface Piece {
  node: Text;
  /** Where its text begins in the squeezed one. */
  at: number;
}

export class SqueezedText {
  readonly text: string;
  readonly #pieces: readonly Piece[];

  private constructor(text: string, pieces: readonly Piece[]) {
    this.text = text;
    this.#pieces = pieces;
  }

  static *of(root: Document | ShadowRoot): Steps<SqueezedText> {
    const pieces: Piece[] = [];
    let text = "";
    for (const node of textsIn(root)) {
      const squeezed = squeeze(node.data);
      if (squeezed) pieces.push({ node, at: text.length });
      text += squeezed;
      if (text.length > LENGTH) break;
      yield;
    }
    return new SqueezedText(text, pieces);
  }

  /** The range of some of the squeezed text; null for none. */
  range(from: number, to: number): Range | null {
    const start = this.#place(from);
    const end = this.#place(to - 1);
    if (to <= from || !start || !end) return null;
    const range = start.node.ownerDocument.createRange();
    range.setStart(start.node, start.offset);
    range.setEnd(end.node, end.offset + 1);
    return range;
  }

  /** The node of a character, and its offset there. */
  #place(index: number): { node: Text; offset: number } | null {
    // The last piece that begins at or before it.
    const next = this.#pieces.findIndex(({ at }) => at > index);
    const piece = this.#pieces.at(next < 0 ? -1 : next - 1);
    if (!piece) return null;
    let left = index - piece.at;
    for (let offset = 0; offset < piece.node.length; offset++) {
      if (squeeze(piece.node.data.charAt(offset)) === "") continue;
      if (left === 0) return { node: piece.node, offset };
      left -= 1;
    }
    return null;
  }
}

function* textsIn(root: Document | ShadowRoot): Generator<Text> {
  const document = root.ownerDocument ?? (root as Document);
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, {
    acceptNode: (node) =>
      node instanceof Element && node.matches(SILENT)
        ? NodeFilter.FILTER_REJECT
        : NodeFilter.FILTER_ACCEPT,
  });
  while (walker.nextNode()) if (walker.currentNode instanceof Text) yield walker.currentNode;
}
