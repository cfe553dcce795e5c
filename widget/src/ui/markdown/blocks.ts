/** Block tokens to DOM nodes. Elements and text nodes only; no attribute comes from the text. */
import type { MarkedToken, Token, Tokens } from "marked";
import { appendInline, appendText } from "./inline";

/** Headings of an answer stand below the panel's own: `#` becomes `h4`. */
const HEADING_OFFSET = 3;

export function appendBlocks(parent: Node, tokens: readonly Token[]): void {
  for (const token of tokens) appendBlock(parent, token as MarkedToken);
}

function add<Name extends keyof HTMLElementTagNameMap>(
  parent: Node,
  name: Name,
): HTMLElementTagNameMap[Name] {
  return parent.appendChild(document.createElement(name));
}

function appendBlock(parent: Node, token: MarkedToken): void {
  switch (token.type) {
    case "space":
    case "def":
      return;
    case "paragraph":
      return appendInline(add(parent, "p"), token.tokens);
    case "heading":
      return appendHeading(parent, token);
    case "code":
      return appendCode(parent, token.text);
    case "blockquote":
      return appendBlocks(add(parent, "blockquote"), token.tokens);
    case "list":
      return appendList(parent, token);
    case "table":
      return appendTable(parent, token);
    case "hr":
      add(parent, "hr");
      return;
    case "html":
      return appendText(add(parent, "p"), token.raw.trim());
    default:
      // Text and inline tokens, which stand directly in the items of a tight list.
      return appendInline(parent, [token]);
  }
}

function appendHeading(parent: Node, { depth, tokens }: Tokens.Heading): void {
  const level = Math.min(6, depth + HEADING_OFFSET);
  appendInline(parent.appendChild(document.createElement(`h${level}`)), tokens);
}

/** A box that scrolls sideways can be reached, and so scrolled, by keyboard. */
function appendCode(parent: Node, text: string): void {
  const box = add(parent, "pre");
  box.tabIndex = 0;
  appendText(add(box, "code"), text);
}

function appendList(parent: Node, token: Tokens.List): void {
  const list = add(parent, token.ordered ? "ol" : "ul");
  if (list instanceof HTMLOListElement && typeof token.start === "number" && token.start !== 1)
    list.start = token.start;
  for (const item of token.items) appendBlocks(add(list, "li"), item.tokens);
}

function appendTable(parent: Node, token: Tokens.Table): void {
  const box = add(parent, "div");
  box.className = "wide";
  box.tabIndex = 0;
  const table = add(box, "table");
  appendRow(add(table, "thead"), "th", token.header);
  if (token.rows.length === 0) return;
  const body = add(table, "tbody");
  for (const row of token.rows) appendRow(body, "td", row);
}

function appendRow(parent: Node, name: "th" | "td", cells: readonly Tokens.TableCell[]): void {
  const row = add(parent, "tr");
  for (const { align, tokens } of cells) {
    const cell = add(row, name);
    if (align === "center" || align === "right") cell.className = align;
    appendInline(cell, tokens);
  }
}
