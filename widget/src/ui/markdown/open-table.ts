/** A table that grows: below its head only the last row, still open, is lexed again. */
import type { Tokens } from "marked";
import { appendRows } from "./blocks";
import { morphChildren } from "./morph";
import type { BlocksHost, OpenBlock } from "./open-block";
import { parse } from "./parse";

export class OpenTable implements OpenBlock {
  readonly #body: Element;
  readonly #host: BlocksHost;
  readonly #head: string;
  /** Where the open row begins in the table's source, and how many are before it. */
  #at: number;
  #rows = 0;

  /** For a table just drawn whole from its source. */
  constructor(source: string, box: Element, host: BlocksHost) {
    this.#host = host;
    this.#head = `${source.split("\n", 2).join("\n")}\n`;
    this.#at = this.#head.length;
    const table = box.firstElementChild as Element;
    this.#body = table.querySelector("tbody") ?? document.createElement("tbody");
    table.append(this.#body);
  }

  update(source: string): boolean {
    const open = source.slice(this.#at);
    if (open === "") return true;
    const { tokens, inlineOf } = parse(this.#head + open, this.#host.known(open));
    const [table, ...others] = tokens;
    if (table?.type !== "table" || others.length > 0) return false;
    const { rows } = table as Tokens.Table;
    const wholeRows = open.split("\n").length - 1;
    if (wholeRows > rows.length) return false;
    const fragment = document.createDocumentFragment();
    appendRows(fragment, rows, { words: this.#host.words, inlineOf });
    morphChildren(this.#body, this.#rows, fragment);
    this.#at += open.lastIndexOf("\n") + 1;
    this.#rows += wholeRows;
    return true;
  }
}
