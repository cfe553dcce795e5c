/**
 * Where blocks are drawn, one after the other: among the children of an element, or of parts of it. Parts are
 * laid out, painted and searched for what is under the pointer each by itself. So a long answer costs the page
 * what its last part does, and a little for each other part; without parts, for each block.
 */
import { morphChildren } from "./morph";

export class Place {
  readonly #root: Element;
  readonly #partLength: number;
  #parent: Element;
  #node = 0;
  /** How much of the source is drawn in this part. */
  #length = 0;

  /** At the beginning. A part that has `partLength` characters of source is followed by another. */
  constructor(root: Element, partLength = Infinity) {
    this.#root = root;
    this.#partLength = partLength;
    this.#parent = partLength < Infinity ? (root.firstElementChild ?? this.#add()) : root;
  }

  /** What stands here. */
  get next(): ChildNode | undefined {
    return this.#parent.childNodes[this.#node];
  }

  /** Draws blocks over so many of the nodes that stand here. */
  draw(blocks: DocumentFragment, size = blocks.childNodes.length): void {
    if (blocks.hasChildNodes()) this.#turn();
    morphChildren(this.#parent, this.#node, blocks, this.#node + size);
  }

  /** Draws blocks over all that stands here, and behind. */
  drawLast(blocks: DocumentFragment): void {
    this.draw(blocks, Infinity);
    if (this.#parent !== this.#root)
      while (this.#parent.nextSibling) this.#parent.nextSibling.remove();
  }

  /** Leaves so many nodes, drawn of so much source, as they are. */
  pass(size: number, length: number): ChildNode[] {
    if (size > 0) this.#turn();
    const passed = [...this.#parent.childNodes].slice(this.#node, this.#node + size);
    this.#node += size;
    this.#length += length;
    return passed;
  }

  /** Goes on in another part where this one is full. */
  #turn(): void {
    if (this.#length < this.#partLength) return;
    const rest = [...this.#parent.childNodes].slice(this.#node);
    this.#parent = this.#parent.nextElementSibling ?? this.#add();
    this.#parent.prepend(...rest);
    this.#node = 0;
    this.#length = 0;
  }

  #add(): Element {
    const part = document.createElement("div");
    part.className = "part";
    return this.#root.appendChild(part);
  }
}
