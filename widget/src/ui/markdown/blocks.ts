/** Block tokens to DOM nodes. Elements and text nodes only; no attribute comes from the text. */
import type { MarkedToken, Token, Tokens } from "marked";
import { appendCode } from "./code";
import { appendInline } from "./inline";
import { add, appendText, type Rendering } from "./rendering";

/** Headings of an answer stand below the panel's own: `#` becomes `h4`. */
const HEADING_OFFSET = 3;

export function appendBlocks(parent: Node, tokens: readonly Token[], rendering: Rendering): void {
  for (const token of tokens) appendBlock(parent, token as MarkedToken, rendering);
}

export function drawn(tokens: readonly Token[], rendering: Rendering): DocumentFragment {
  const fragment = document.createDocumentFragment();
  appendBlocks(fragment, tokens, rendering);
  return fragment;
}

function appendBlock(parent: Node, token: MarkedToken, rendering: Rendering): void {
  switch (token.type) {
    case "space":
    case "def":
      return;
    case "paragraph":
      return appendInline(add(parent, "p"), token.tokens, rendering);
    case "heading":
      return appendHeading(parent, token, rendering);
    case "code":
      return appendCode(parent, token, rendering);
    case "blockquote":
      return appendBlocks(add(parent, "blockquote"), token.tokens, rendering);
    case "list":
      return appendList(parent, token, rendering);
    case "table":
      return appendTable(parent, token, rendering);
    case "hr":
      add(parent, "hr");
      return;
    case "html":
      return appendText(add(parent, "p"), token.raw.trim());
    default:
      return appendOther(parent, token, rendering);
  }
}

/** A formula; else text and inline tokens, which stand directly in the items of a tight list. */
function appendOther(parent: Node, token: Token, rendering: Rendering): void {
  if (token.type !== "mathBlock") return appendInline(parent, [token], rendering);
  const formula = add(parent, "p");
  formula.className = "math";
  formula.tabIndex = 0;
  appendText(formula, token.raw.trim());
}

function appendHeading(parent: Node, token: Tokens.Heading, rendering: Rendering): void {
  const level = Math.min(6, token.depth + HEADING_OFFSET) as 4 | 5 | 6;
  appendInline(add(parent, `h${level}`), token.tokens, rendering);
}

function appendList(parent: Node, token: Tokens.List, rendering: Rendering): void {
  const list = add(parent, token.ordered ? "ol" : "ul");
  if (list instanceof HTMLOListElement && typeof token.start === "number" && token.start !== 1)
    list.start = token.start;
  appendItems(list, token.items, rendering);
}

export function appendItems(
  list: Node,
  items: readonly Tokens.ListItem[],
  rendering: Rendering,
): void {
  for (const item of items) {
    const element = add(list, "li");
    if (item.task) element.className = "task";
    appendBlocks(element, item.tokens, rendering);
  }
}

/** A box that scrolls sideways can be reached, and so scrolled, by keyboard. */
function appendTable(parent: Node, token: Tokens.Table, rendering: Rendering): void {
  const box = add(parent, "div");
  box.className = "wide";
  box.tabIndex = 0;
  const table = add(box, "table");
  appendRow(add(table, "thead"), "th", token.header, rendering);
  if (token.rows.length === 0) return;
  appendRows(add(table, "tbody"), token.rows, rendering);
}

export function appendRows(
  body: Node,
  rows: readonly (readonly Tokens.TableCell[])[],
  rendering: Rendering,
): void {
  for (const row of rows) appendRow(body, "td", row, rendering);
}

function appendRow(
  parent: Node,
  name: "th" | "td",
  cells: readonly Tokens.TableCell[],
  rendering: Rendering,
): void {
  const row = add(parent, "tr");
  for (const { align, tokens } of cells) {
    const cell = add(row, name);
    if (align === "center" || align === "right") cell.className = align;
    appendInline(cell, tokens, rendering);
  }
}
