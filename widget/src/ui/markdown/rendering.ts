/** What drawing needs besides the tokens themselves. */
import type { Token } from "marked";

/** The words that stand in an answer's text. */
export interface MarkdownWords {
  copyCode: string;
  copied: string;
  sources: string;
}

export interface Rendering {
  readonly words: MarkdownWords;
  inlineOf(tokens: readonly Token[] | undefined): readonly Token[];
}

/**
 * What has marks or columns at one side takes its direction from the text in it; that text must
 * have no `dir` of its own. The lines of a paragraph find theirs by style: `unicode-bidi: plaintext`.
 */
const SIDED = new Set(["ul", "ol", "blockquote", "table"]);

/** Adds an element. */
export function add<Name extends keyof HTMLElementTagNameMap>(
  parent: Node,
  name: Name,
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  if (SIDED.has(name)) element.dir = "auto";
  return parent.appendChild(element);
}

export function appendText(parent: Node, text: string): void {
  parent.appendChild(document.createTextNode(text));
}
