/** A list that grows: only its last item is lexed again, and of that only what came. */
import type { Tokens } from "marked";
import { appendItems } from "./blocks";
import { morphChildren } from "./morph";
import type { BlocksHost, OpenBlock } from "./open-block";
import { indentedLike, OpenContents, type Inside } from "./open-contents";
import { loosened, parse } from "./parse";

/** The blocks of an item. */
interface ItemBlocks extends Inside {
  /** Whether a blank line stands between two of them: then the list is loose. */
  readonly hasGap: boolean;
}

export class OpenList implements OpenBlock {
  readonly #list: Element;
  readonly #host: BlocksHost;
  readonly #isLoose: boolean;
  readonly #blocksIn: (item: Element) => ItemBlocks;
  /** Where the open item begins in the list's source, and how many are before it. */
  #at = 0;
  #items = 0;
  #blocks: ItemBlocks | null = null;
  #open: OpenContents | null = null;

  /** For a list just drawn whole; `blocksIn` makes what draws the blocks of an item. */
  constructor(
    token: Tokens.List,
    list: Element,
    host: BlocksHost,
    blocksIn: (item: Element) => ItemBlocks,
  ) {
    this.#list = list;
    this.#host = host;
    this.#isLoose = token.loose;
    this.#blocksIn = blocksIn;
    this.#settle(token);
  }

  update(source: string): boolean {
    const tail = source.slice(this.#at);
    if (this.#open?.update(tail)) return this.#isLoose || !this.#blocks?.hasGap;
    const { tokens, inlineOf } = parse(tail, this.#host.known(tail));
    const [list, ...others] = tokens;
    if (list?.type !== "list" || others.length > 0) return false;
    const token = list as Tokens.List;
    // A list is loose as a whole: where an item makes it so, those before it are drawn again.
    if (token.loose && !this.#isLoose) return false;
    if (this.#isLoose) token.items.forEach(({ tokens: inside }) => loosened(inside));
    const fragment = document.createDocumentFragment();
    appendItems(fragment, token.items, { words: this.#host.words, inlineOf });
    morphChildren(this.#list, this.#items, fragment);
    this.#settle(token);
    return true;
  }

  /** Leaves all but the last item of a list as they are. */
  #settle({ items }: Tokens.List): void {
    for (const { raw } of items.slice(0, -1)) this.#at += raw.length;
    this.#items += items.length - 1;
    const item = items.at(-1);
    const element = this.#list.children[this.#items];
    const unmark = item && !item.task ? indentedLike(item.raw) : null;
    if (!item || !element || !unmark) {
      this.#open = null;
      return;
    }
    this.#blocks = this.#blocksIn(element);
    this.#open = new OpenContents(item, unmark, this.#blocks);
  }
}
