/**
 * A walk over a tree of a page, one node at a time, writing down what its reader sees. It holds
 * copies of the lists of children, since the page may change between two steps.
 */
import { backdropBehind, backdropIn, type Backdrop } from "./backdrop";
import { isOutOfReach, scrolledBy, type Shift } from "./reach";
import { sightOf, type Sight } from "./visibility";
import { TextWriter, type Gap } from "./writer";

export interface WalkOptions {
  /** Elements that are not text, or hold what someone typed. */
  isLeftOut: (element: Element) => boolean;
  /** Only what lies in it. */
  range?: Range;
  /** No more than this is gathered. */
  limit: number;
}

/** An element under way. */
interface Open {
  element: Element;
  nodes: readonly Node[];
  next: number;
  gap: Gap;
  style: CSSStyleDeclaration;
  sight: Sight;
  backdrop: Backdrop;
  /** How far the boxes around it are scrolled. */
  shift: Shift;
  /** Whether its place can be scrolled to; asked when there is text. */
  isReached: boolean | null;
}

const NOT_SCROLLED: Shift = { x: 0, y: 0 };

export class Walk {
  readonly writer: TextWriter;
  /** Characters that are there and that nobody sees. */
  hidden = 0;
  readonly #options: WalkOptions;
  readonly #open: Open[] = [];

  constructor(root: Element, options: WalkOptions) {
    this.writer = new TextWriter(options.limit);
    this.#options = options;
    this.#enter(root, "all", backdropBehind(root), scrolledBy(root));
  }

  /** Takes the next node; false when there is none. */
  step(): boolean {
    const open = this.#open.at(-1);
    if (!open || this.writer.isFull) return false;
    const node = open.nodes[open.next++];
    if (!node) this.#leave(open);
    else if (node.nodeType === Node.ELEMENT_NODE) this.#child(node as Element, open);
    else if (node.nodeType === Node.TEXT_NODE) this.#text(node as Text, open);
    return true;
  }

  #leave(open: Open): void {
    this.writer.gap(open.gap);
    this.#open.pop();
  }

  #child(element: Element, { sight, backdrop, shift }: Open): void {
    const { range } = this.#options;
    // What left the page meanwhile has no style to go by.
    if (!element.isConnected || (range && !intersects(range, element))) return;
    this.#enter(element, sight, backdrop, shift);
  }

  #enter(element: Element, around: Sight, behind: Backdrop, shift: Shift): void {
    if (this.#options.isLeftOut(element)) return;
    if (element.localName === "br") return this.writer.gap("\n");
    const style = getComputedStyle(element);
    const backdrop = around === "none" ? null : backdropIn(style, behind);
    const sight = around === "none" ? "none" : sightOf(style, backdrop);
    const gap = sight === "none" ? "" : gapAround(element, style.display);
    const isScrolled = sight !== "none" && /auto|scroll|hidden/.test(style.overflow);
    this.writer.gap(gap);
    this.#open.push({
      element,
      nodes: [...renderedChildren(element)],
      next: 0,
      gap,
      style,
      sight,
      backdrop,
      shift: isScrolled
        ? { x: shift.x + element.scrollLeft, y: shift.y + element.scrollTop }
        : element.localName === "iframe"
          ? NOT_SCROLLED
          : shift,
      isReached: null,
    });
  }

  #text(text: Text, open: Open): void {
    const data = this.#selectedOf(text);
    if (!/\S/.test(data)) return open.sight === "all" ? this.writer.flow(data) : undefined;
    const isSeen =
      open.sight === "all" &&
      (open.isReached ??= !isOutOfReach(open.element, open.style, open.shift));
    if (!isSeen) {
      this.hidden += data.trim().length;
      return;
    }
    const before = data.length;
    const { whiteSpace } = open.style;
    const isVerbatim = whiteSpace.startsWith("pre") && whiteSpace !== "pre-line";
    this.hidden += before - this.writer.write(data, isVerbatim);
  }

  /** The part of a text that lies in the range. */
  #selectedOf(text: Text): string {
    const { range, limit } = this.#options;
    const isEnd = range?.endContainer === text;
    const start = range?.startContainer === text ? range.startOffset : 0;
    const end = isEnd ? range.endOffset : text.length;
    if (range && !intersects(range, text)) return "";
    return text.data.slice(start, Math.min(end, start + limit + 1));
  }
}

function intersects(range: Range, node: Node): boolean {
  try {
    return range.intersectsNode(node);
  } catch {
    return false;
  }
}

function gapAround(element: Element, display: string): Gap {
  if (/^(li|tr|dt|dd|option|summary)$/.test(element.localName)) return "\n";
  if (/^(inline|contents|ruby|none)$/.test(display) || display === "") return "";
  if (display.startsWith("inline") || display === "table-cell") return " ";
  return "\n\n";
}

/**
 * The children a browser draws: a shadow tree in place of its host's, what is slotted, of a closed
 * `details` its summary, and in a frame of the same origin its page.
 */
function renderedChildren(element: Element): Iterable<Node> {
  if (element.shadowRoot) return element.shadowRoot.childNodes;
  switch (element.localName) {
    case "slot": {
      const assigned = (element as HTMLSlotElement).assignedNodes({ flatten: true });
      return assigned.length > 0 ? assigned : element.childNodes;
    }
    case "details":
      if ((element as HTMLDetailsElement).open) return element.childNodes;
      return element.querySelectorAll(":scope > summary:first-of-type");
    case "iframe": {
      const body = (element as HTMLIFrameElement).contentDocument?.body;
      return body ? [body] : [];
    }
    default:
      return element.childNodes;
  }
}
