/** Takes the tokens highlight.js finds, and makes elements of them whose class is one of ours. */
import type { Emitter } from "highlight.js";

/** What the kinds of tokens have in common, to a reader. Any other stays as it is. */
const CLASSES = new Map([
  ["keyword", "keyword"],
  ["operator", "keyword"],
  ["literal", "number"],
  ["number", "number"],
  ["string", "string"],
  ["regexp", "string"],
  ["char", "string"],
  ["symbol", "number"],
  ["comment", "comment"],
  ["quote", "comment"],
  ["doctag", "keyword"],
  ["meta", "meta"],
  ["built_in", "name"],
  ["type", "name"],
  ["title", "name"],
  ["class", "name"],
  ["section", "name"],
  ["name", "keyword"],
  ["tag", "plain"],
  ["attr", "attribute"],
  ["attribute", "attribute"],
  ["property", "attribute"],
  ["variable", "attribute"],
  ["selector-tag", "keyword"],
  ["selector-class", "attribute"],
  ["selector-id", "attribute"],
  ["addition", "addition"],
  ["deletion", "deletion"],
]);

export class ElementEmitter implements Emitter {
  readonly fragment = document.createDocumentFragment();
  #at: Node = this.fragment;

  addText(text: string): void {
    if (text) this.#at.appendChild(document.createTextNode(text));
  }

  openNode(scope: string): void {
    const element = document.createElement("span");
    const kind = CLASSES.get(scope.split(".", 1)[0] ?? "");
    if (kind) element.className = `token ${kind}`;
    this.#at = this.#at.appendChild(element);
  }

  closeNode(): void {
    this.#at = this.#at.parentNode ?? this.fragment;
  }

  startScope(scope: string): void {
    this.openNode(scope);
  }

  endScope(): void {
    this.closeNode();
  }

  closeAllNodes(): void {
    this.#at = this.fragment;
  }

  __addSublanguage(emitter: Emitter): void {
    if (emitter instanceof ElementEmitter) this.#at.appendChild(emitter.fragment);
  }

  finalize(): void {}

  /** There is no markup. */
  toHTML(): string {
    return "";
  }
}
