/** A fenced block of code that grows: each line is looked at once, and its end added to one text node. */
import type { OpenBlock } from "./open-block";

const OPENING = /^( {0,3})(`{3,}|~{3,})[^\n]*\n/;

export class OpenFence implements OpenBlock {
  readonly #text: Text;
  readonly #indent: number;
  readonly #closing: RegExp;
  /** A last line that may still become the closing fence is not shown. */
  readonly #begunClosing: RegExp;
  /** Where, in the block's source, the line begins that is not whole yet. */
  #at: number;
  /** How much of that line is shown, and what stands before it. */
  #shown = 0;
  #lead = "";

  private constructor(text: Text, opening: string, indent: number, fence: string) {
    const mark = fence.charAt(0);
    this.#text = text;
    this.#indent = indent;
    this.#closing = new RegExp(`^ {0,3}${mark}{${fence.length},}[ \\t]*$`);
    this.#begunClosing = new RegExp(`^ {0,3}${mark}*[ \\t]*$`);
    this.#at = opening.length;
  }

  /** For a block just drawn from its source; null where it is not an open fence. */
  static from(source: string, box: Element): OpenFence | null {
    const [opening, indent, fence] = OPENING.exec(source) ?? [];
    const code = box.querySelector("code");
    if (!opening || indent === undefined || !fence || !code) return null;
    const text = new Text();
    const open = new OpenFence(text, opening, indent.length, fence);
    if (!open.update(source)) return null;
    code.replaceChildren(text);
    return open;
  }

  update(source: string): boolean {
    let fresh = "";
    let end: number;
    while ((end = source.indexOf("\n", this.#at)) >= 0) {
      const line = source.slice(this.#at, end);
      if (this.#closing.test(line)) return false;
      fresh += this.#rest(line);
      this.#at = end + 1;
      this.#shown = 0;
      this.#lead = "\n";
    }
    const begun = source.slice(this.#at);
    if (!this.#begunClosing.test(begun)) fresh += this.#rest(begun);
    if (fresh) this.#text.appendData(fresh);
    return true;
  }

  /** What of a line is not shown yet, without the indentation it shares with the fence. */
  #rest(line: string): string {
    let indent = 0;
    while (indent < this.#indent && line.charAt(indent) === " ") indent += 1;
    const rest = line.slice(indent + this.#shown);
    this.#shown += rest.length;
    const lead = this.#lead;
    this.#lead = "";
    return lead + rest;
  }
}
