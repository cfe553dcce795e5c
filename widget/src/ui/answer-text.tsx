import { Component, createRef } from "preact";
import type { AnswerExtras } from "../core/types";
import type { Words } from "../core/words";
import type { AnswerDrawing } from "./markdown/answer-drawing";
import { loadDrawing, loadedDrawing } from "./markdown/load";
import type { Passages } from "./passages";

interface AnswerTextProps {
  text: string;
  extras?: AnswerExtras | undefined;
  /** More text may come. */
  isOpen: boolean;
  words: Words;
  passages: Passages | undefined;
}

/** What draws the text owns what is inside the box; Preact only ever sees the box. */
export class AnswerText extends Component<AnswerTextProps> {
  readonly #box = createRef<HTMLDivElement>();
  readonly #life = new AbortController();
  #drawing: AnswerDrawing | null = null;

  override componentDidMount() {
    this.#show();
    if (!this.#drawing) void loadDrawing().then(() => this.#show());
  }

  override shouldComponentUpdate(next: AnswerTextProps) {
    const { text, isOpen, extras } = this.props;
    return text !== next.text || isOpen !== next.isOpen || extras !== next.extras;
  }

  override componentDidUpdate() {
    this.#show();
  }

  override componentWillUnmount() {
    this.#life.abort();
  }

  #show(): void {
    const box = this.#box.current;
    if (!box || this.#life.signal.aborted) return;
    const { text, isOpen, extras } = this.props;
    this.#drawing ??= this.#begin(box);
    if (this.#drawing) this.#drawing.show({ text, extras, isOpen });
    else showPlain(box, text);
  }

  /** What takes the place of the plain text, once it is there. */
  #begin(box: HTMLElement): AnswerDrawing | null {
    const module = loadedDrawing();
    if (!module) return null;
    const { words, passages } = this.props;
    return new module.AnswerDrawing(box, { words, passages, signal: this.#life.signal });
  }

  override render() {
    return <div ref={this.#box} class="answer-text" />;
  }
}

/** An answer as it was written, while it cannot be drawn. */
function showPlain(box: HTMLElement, text: string): void {
  let plain = box.firstElementChild;
  if (!plain) {
    plain = document.createElement("p");
    plain.className = "prose plain";
    plain.setAttribute("dir", "auto");
    box.append(plain);
  }
  plain.textContent = text;
}
