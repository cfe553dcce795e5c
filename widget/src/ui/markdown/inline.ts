/** Inline tokens to DOM nodes. Nothing here takes a string as markup. */
import type { MarkedToken, Token, Tokens } from "marked";
import { checkedAddress } from "./address";
import { citationNumber, createCitation } from "./citations";
import { decodeEntities } from "./entities";
import { createLink, placeBeside } from "./links";
import { add, appendText, type Rendering } from "./rendering";

export function appendInline(
  parent: Node,
  tokens: readonly Token[] | undefined,
  rendering: Rendering,
): void {
  for (const token of rendering.inlineOf(tokens))
    appendToken(parent, token as MarkedToken, rendering);
}

function appendToken(parent: Node, token: MarkedToken, rendering: Rendering): void {
  switch (token.type) {
    case "strong":
    case "em":
    case "del":
      return appendInline(add(parent, token.type), token.tokens, rendering);
    case "codespan":
      return appendText(add(parent, "code"), token.text);
    case "br":
      add(parent, "br");
      return;
    case "link":
      return appendLink(parent, token, rendering);
    case "image":
      return appendImage(parent, token);
    case "checkbox":
      return appendText(parent, token.checked ? "☑ " : "☐ ");
    case "text":
      if (token.tokens) return appendInline(parent, token.tokens, rendering);
      return appendText(parent, decodeEntities(token.text));
    case "escape":
      return appendText(parent, token.text);
    default:
      return appendOther(parent, token);
  }
}

/** Maths; else raw HTML, and whatever a later version of the lexer knows: shown as it was written. */
function appendOther(parent: Node, { type, raw }: { type: string; raw: string }): void {
  if (type !== "math") return appendText(parent, raw);
  const formula = add(parent, "span");
  formula.className = "math";
  appendText(formula, raw);
}

function appendLink(parent: Node, token: Tokens.Link, rendering: Rendering): void {
  const number = citationNumber(token);
  if (number !== null) {
    parent.appendChild(createCitation(number, token));
    return;
  }
  const address = checkedAddress(hrefOf(token));
  if (!address) return appendInline(parent, token.tokens, rendering);
  const link = createLink(address);
  appendInline(link, token.tokens, rendering);
  parent.appendChild(link);
  const place = placeBeside(link.textContent, address);
  if (place) parent.appendChild(place);
}

/** Character references count in addresses too, but not in those that stand bare in the text. */
function hrefOf({ raw, href }: Tokens.Link | Tokens.Image): string {
  return /^!?\[/.test(raw) ? decodeEntities(href) : href;
}

/** A picture from elsewhere would tell its host that the answer was read: it becomes a link. */
function appendImage(parent: Node, token: Tokens.Image): void {
  const label = decodeEntities(token.text) || token.href;
  const address = checkedAddress(hrefOf(token));
  if (!address) return appendText(parent, label);
  const link = createLink(address);
  appendText(link, label);
  parent.appendChild(link);
  const place = placeBeside(label, address);
  if (place) parent.appendChild(place);
}
