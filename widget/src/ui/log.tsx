import { Component, createRef, type ComponentChildren } from "preact";
import type { Words } from "../core/words";
import { IconButton } from "./icons";

/** This near to its end the view counts as being there, and follows new text. */
const NEAR_PX = 32;

interface LogProps {
  words: Words;
  /** When it grows the reader has asked something, and is brought to the end. */
  questionCount: number;
  children: ComponentChildren;
}

/**
 * The conversation. It follows new text only while the reader is at its end. Screen readers hear it
 * through the announcer, by sentences.
 */
export class Log extends Component<LogProps, { isAway: boolean }> {
  override state = { isAway: false };
  readonly #box = createRef<HTMLDivElement>();
  readonly #resizes = new ResizeObserver(() => this.#follow());
  #isFollowing = true;

  override componentDidMount() {
    if (this.#box.current) this.#resizes.observe(this.#box.current);
  }

  override componentDidUpdate(before: LogProps) {
    if (this.props.questionCount > before.questionCount) this.#isFollowing = true;
    this.#follow();
  }

  override componentWillUnmount() {
    this.#resizes.disconnect();
  }

  #toEnd = () => this.#box.current?.scrollTo(0, this.#box.current.scrollHeight);

  #follow(): void {
    if (this.#isFollowing) this.#toEnd();
  }

  #scrolled = () => {
    if (!this.#box.current) return;
    const { scrollTop, scrollHeight, clientHeight } = this.#box.current;
    this.#isFollowing = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    this.setState({ isAway: !this.#isFollowing });
  };

  override render({ words, children }: LogProps) {
    return (
      <div class="log-frame">
        <div
          ref={this.#box}
          class="log"
          role="log"
          aria-live="off"
          aria-label={words.conversation}
          tabIndex={0}
          onScroll={this.#scrolled}
        >
          {children}
        </div>
        {this.state.isAway && (
          <IconButton class="to-end" icon="down" label={words.toEnd} onClick={this.#toEnd} />
        )}
      </div>
    );
  }
}
