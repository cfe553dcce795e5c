/**
 * Speaks for screen readers: whole sentences of an answer as they are complete, never tokens.
 * A polite live region apart from the conversation, which itself is silent.
 */
import type { Answer } from "../core/conversation";
import type { Words } from "../core/words";
import { speakable } from "./speakable";

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
    const fresh = answer.text.slice(this.#said);
    const end = answer.state === "streaming" ? lastSentenceEnd(fresh) : fresh.length;
    const sentences = speakable(fresh.slice(0, end));
    if (sentences) this.say(sentences);
    this.#said += end;
    if (answer.state === "streaming") return;
    if (answer.state === "complete") this.say(this.#words.answered);
    this.#answerId = null;
  }

  #begin(answerId: string | null): void {
    this.#answerId = answerId;
    this.#said = 0;
  }
}

/** Sentence ends of most scripts, with the closing marks and the space after them; and blank lines. */
const SENTENCE_END = /[.!?…][)\]"'”’»]*\s+|[。！？]\s*|\n\n/g;

function lastSentenceEnd(text: string): number {
  let end = 0;
  for (const match of text.matchAll(SENTENCE_END)) end = match.index + match[0].length;
  return end;
}
