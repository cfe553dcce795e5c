/** A block of code: its language, a button that copies it, and the code, which scrolls by itself. */
import type { Tokens } from "marked";
import { decodeEntities } from "./entities";
import { add, appendText, type Rendering } from "./rendering";

/** A longer name is none; what is shown of it is cut. */
const LANGUAGE_LENGTH = 24;

export function appendCode(parent: Node, { text, lang }: Tokens.Code, { words }: Rendering): void {
  const box = add(parent, "div");
  box.className = "code";
  const bar = add(box, "div");
  bar.className = "code-bar";
  appendText(add(bar, "span"), languageOf(lang));
  const copy = add(bar, "button");
  copy.type = "button";
  copy.className = "copy-code";
  copy.textContent = words.copyCode;
  // A box that scrolls sideways can be reached, and so scrolled, by keyboard.
  const lines = add(box, "pre");
  lines.tabIndex = 0;
  appendText(add(lines, "code"), text.replace(/\n$/, ""));
}

/** The first word of what stands behind a fence. */
function languageOf(info: string | undefined): string {
  const [name = ""] = decodeEntities(info ?? "")
    .trim()
    .split(/[\s{,]/, 1);
  return name.slice(0, LANGUAGE_LENGTH);
}

/** The language a box of code names, in lower case; "" where it names none. */
export function languageIn(box: Element): string {
  return box.firstElementChild?.firstElementChild?.textContent.toLowerCase() ?? "";
}

export function codeIn(box: Element): HTMLElement | null {
  return box.querySelector("code");
}

/** Whether two boxes show the same code, coloured or not. */
export function isSameCode(one: Element, other: Element): boolean {
  return (
    one.className === "code" &&
    other.className === "code" &&
    languageIn(one) === languageIn(other) &&
    codeIn(one)?.textContent === codeIn(other)?.textContent
  );
}
