/** An answer as it is shown: its text, the sources under it and the buttons of tools. */
import { inSlices, type Steps } from "../../context/steps";
import { toJson } from "../../core/natives";
import type { AnswerExtras } from "../../core/types";
import { quoteOn, type Quote } from "../../passage/directive";
import type { Passages } from "../passages";
import { createButtons } from "./buttons";
import { handleCopying } from "./copy-code";
import { highlightCode } from "./highlighting";
import { handleLinks } from "./links";
import type { MarkdownWords } from "./rendering";
import { createSources, listedSources } from "./sources";
import { MarkdownStream } from "./stream";
import { styleAnswersIn } from "./styles";

export { Following } from "../following";
export { plainText } from "./plain";
export { nextSpoken } from "./speakable";

export interface DrawnAnswer {
  text: string;
  /** Absent: there is nothing besides the text. */
  extras: AnswerExtras | undefined;
  /** More of it may come. */
  isOpen: boolean;
}

export interface DrawingHost {
  words: MarkdownWords;
  /** Absent where the panel does not stand on the page it reads. */
  passages: Passages | undefined;
  signal: AbortSignal;
}

/** Drawing for longer than this, an answer is drawn less often: the page comes first. */
const LONG_MS = 8;
const REST_SHARE = 4;

/** About a panel's height. Shorter parts are more of them, and longer ones more to paint at each word. */
const PART_LENGTH = 1_000;

export class AnswerDrawing {
  readonly #box: HTMLElement;
  readonly #text = document.createElement("div");
  readonly #under = document.createElement("div");
  readonly #stream: MarkdownStream;
  readonly #words: MarkdownWords;
  readonly #signal: AbortSignal;
  #next: DrawnAnswer | null = null;
  /** The end of the answer, being drawn. */
  #finishing: Steps<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #restsUntil = 0;
  /** What stands under the text was made of these. */
  #madeOf = "";

  /** The plain text that may stand in `box` stays until something is drawn. */
  constructor(box: HTMLElement, { words, passages, signal }: DrawingHost) {
    this.#box = box;
    this.#words = words;
    this.#signal = signal;
    this.#text.className = "prose";
    this.#text.dir = "auto";
    this.#under.className = "under";
    this.#stream = new MarkdownStream(this.#text, words, highlightCode, PART_LENGTH);
    handleLinks(box, signal, passages && ((address) => passageAt(address, passages)));
    handleCopying(box, words, signal);
    styleAnswersIn(box.getRootNode());
    if (!box.hasChildNodes()) this.#takePlace();
    signal.addEventListener("abort", () => {
      clearTimeout(this.#timer);
      this.#finishing?.return();
    });
  }

  /** Shows an answer. Where it is over, what is drawn of it at once is a slice; the page goes between. */
  show(answer: DrawnAnswer): void {
    this.#next = answer;
    clearTimeout(this.#timer);
    this.#finishing?.return();
    this.#finishing = null;
    const rest = answer.isOpen ? this.#restsUntil - performance.now() : 0;
    if (rest <= 0) this.#draw();
    else this.#timer = setTimeout(() => this.#draw(), rest);
  }

  #draw(): void {
    if (!this.#next || this.#signal.aborted) return;
    const { text, extras, isOpen } = this.#next;
    if (!isOpen) return void this.#finish(text, extras);
    const start = performance.now();
    this.#stream.update(text);
    this.#takePlace();
    this.#drawUnder(extras);
    const end = performance.now();
    this.#restsUntil = end - start > LONG_MS ? end + REST_SHARE * (end - start) : 0;
  }

  async #finish(text: string, extras: AnswerExtras | undefined): Promise<void> {
    const finishing = (this.#finishing = this.#takingPlace(this.#stream.finishing(text)));
    await inSlices(finishing);
    if (this.#finishing === finishing) this.#drawUnder(extras);
  }

  /** The same steps. The page may be drawn after each. */
  *#takingPlace(steps: Steps<void>): Steps<void> {
    for (const pause of steps) {
      if (this.#text.textContent) this.#takePlace();
      yield pause;
    }
    this.#takePlace();
  }

  #takePlace(): void {
    if (!this.#text.parentNode) this.#box.replaceChildren(this.#text, this.#under);
  }

  #drawUnder(extras: AnswerExtras | undefined): void {
    if (!extras) return;
    const { sources, buttons } = extras;
    const listed = listedSources(this.#stream.links, sources);
    const madeOf = toJson([listed, buttons]);
    if (madeOf === this.#madeOf) return;
    this.#madeOf = madeOf;
    const parts = [createButtons(buttons), createSources(listed, this.#words.sources)];
    this.#under.replaceChildren(...parts.filter((part) => part !== null));
  }
}

/** Shows the passage of this page an address leads to; null where it leads to none. */
function passageAt(address: string, passages: Passages): Promise<boolean> | null {
  const quote = quoteOn(address, location.href);
  return quote && showPassage(quote, passages);
}

/** False where it is there no more, or what finds it does not load. */
async function showPassage(quote: Quote, { panel, onShown }: Passages): Promise<boolean> {
  try {
    const passage = await import("../../passage/show");
    const isShown = await passage.showPassage(quote, panel);
    if (isShown) onShown();
    return isShown;
  } catch (error) {
    console.warn("Asklight: a passage of this page could not be shown", error);
    return false;
  }
}
