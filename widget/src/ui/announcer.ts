/**
 * Speaks for screen readers: whole sentences of an answer as they are complete, never tokens.
 * A polite live region apart from the conversation, which itself is silent.
 */
import type { Answer } from "../core/conversation";
import type { Words } from "../core/words";
import { loadDrawing, loadedDrawing } from "./markdown/load";

/** Sentences stay in the region long enough to be read out, and no longer. */
const KEPT = 20;

export class Announcer {
  readonly element = document.createElement("div");
  readonly #words: Words;
  #answerId: string | null = null;
  /** Up to here the answer's source has been said. */
  #said = 0;

  constructor(words: Words) {
    this.#words = words;
    this.element.className = "unseen";
    this.element.setAttribute("aria-live", "polite");
    this.element.setAttribute("aria-relevant", "additions");
  }

  say(sentence: string): void {
    const line = document.createElement("p");
    line.textContent = sentence;
    this.element.append(line);
    while (this.element.childElementCount > KEPT) this.element.firstElementChild?.remove();
  }

  /** Says what is new of an answer. What was there before the panel opened is not read out. */
  follow(answer: Answer | null): void {
    if (answer === null) return this.#begin(null);
    if (answer.id !== this.#answerId) {
      if (answer.state !== "streaming") return;
      this.#begin(answer.id);
      this.say(this.#words.answering);
    }
    const isOver = answer.state !== "streaming";
    const drawing = loadedDrawing();
    if (!drawing) return this.#followLater(answer, isOver);
    const { spoken, to } = drawing.nextSpoken(answer.text, this.#said, isOver, this.#words);
    if (spoken) this.say(spoken);
    this.#said = to;
    if (!isOver) return;
    if (answer.state === "complete") this.say(this.#words.answered);
    this.#answerId = null;
  }

  /** What knows sentences comes with what draws them; without it the whole text is said as it is. */
  #followLater(answer: Answer, isOver: boolean): void {
    void loadDrawing().then((drawing) => {
      if (drawing) return this.follow(answer);
      if (!isOver || this.#answerId !== answer.id) return;
      this.#answerId = null;
      this.say(answer.text);
    });
  }

  #begin(answerId: string | null): void {
    this.#answerId = answerId;
    this.#said = 0;
  }
}
