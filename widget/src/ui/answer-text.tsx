import { Component, createRef } from "preact";
import type { Words } from "../core/words";
import { handleLinks } from "./markdown/links";
import { MarkdownStream } from "./markdown/stream";

interface AnswerTextProps {
  text: string;
  /** More text may come. */
  isOpen: boolean;
  words: Words;
}

/** The renderer owns what is inside its box; Preact only ever sees the box. */
export class AnswerText extends Component<AnswerTextProps> {
  readonly #box = createRef<HTMLDivElement>();
  readonly #life = new AbortController();
  #stream: MarkdownStream | null = null;

  override componentDidMount() {
    if (!this.#box.current) return;
    handleLinks(this.#box.current, this.#life.signal);
    this.#stream = new MarkdownStream(this.#box.current, this.props.words.sources);
    this.componentDidUpdate();
  }

  override shouldComponentUpdate({ text, isOpen }: AnswerTextProps) {
    return text !== this.props.text || isOpen !== this.props.isOpen;
  }

  override componentDidUpdate() {
    const { text, isOpen } = this.props;
    if (isOpen) this.#stream?.update(text);
    else this.#stream?.finish(text);
  }

  override componentWillUnmount() {
    this.#life.abort();
  }

  override render() {
    return <div ref={this.#box} class="prose" dir="auto" />;
  }
}
