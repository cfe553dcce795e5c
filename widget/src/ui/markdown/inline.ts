/** Inline tokens to DOM nodes. Nothing here takes a string as markup. */
import type { MarkedToken, Token, Tokens } from "marked";
import { checkedAddress } from "./address";
import { citationNumber, createCitation } from "./citations";
import { decodeEntities } from "./entities";
import { createLink, placeBeside } from "./links";

export function appendInline(parent: Node, tokens: readonly Token[] | undefined): void {
  for (const token of tokens ?? []) appendToken(parent, token as MarkedToken);
}

export function appendText(parent: Node, text: string): void {
  parent.appendChild(document.createTextNode(text));
}

function appendToken(parent: Node, token: MarkedToken): void {
  switch (token.type) {
    case "strong":
    case "em":
    case "del":
      return appendElement(parent, token.type, token.tokens);
    case "codespan":
      return appendText(parent.appendChild(document.createElement("code")), token.text);
    case "br":
      parent.appendChild(document.createElement("br"));
      return;
    case "link":
      return appendLink(parent, token);
    case "image":
      return appendImage(parent, token);
    case "checkbox":
      return appendText(parent, token.checked ? "☑ " : "☐ ");
    case "text":
      if (token.tokens) return appendInline(parent, token.tokens);
      return appendText(parent, decodeEntities(token.text));
    case "escape":
      return appendText(parent, token.text);
    default:
      // Raw HTML, and whatever a later version of the lexer knows: shown as it was written.
      return appendText(parent, token.raw);
  }
}

function appendElement(parent: Node, name: string, tokens: readonly Token[]): void {
  appendInline(parent.appendChild(document.createElement(name)), tokens);
}

function appendLink(parent: Node, token: Tokens.Link): void {
  const number = citationNumber(token);
  if (number !== null) {
    parent.appendChild(createCitation(number, token));
    return;
  }
  const address = checkedAddress(token.href);
  if (!address) return appendInline(parent, token.tokens);
  const link = createLink(address);
  appendInline(link, token.tokens);
  parent.appendChild(link);
  const place = placeBeside(link.textContent, address);
  if (place) parent.appendChild(place);
}

/** A picture from elsewhere would tell its host that the answer was read: it becomes a link. */
function appendImage(parent: Node, token: Tokens.Image): void {
  const label = decodeEntities(token.text) || token.href;
  const address = checkedAddress(token.href);
  if (!address) return appendText(parent, label);
  const link = createLink(address);
  appendText(link, label);
  parent.appendChild(link);
  const place = placeBeside(label, address);
  if (place) parent.appendChild(place);
}
