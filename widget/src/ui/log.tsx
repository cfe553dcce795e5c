import { Component, createRef, type ComponentChildren } from "preact";
import type { Words } from "../core/words";
import type { Following } from "./following";
import { Icon, IconButton } from "./icons";
import { loadDrawing } from "./markdown/load";

interface LogProps {
  words: Words;
  /** When it grows the reader has asked something, and is brought to the end. */
  questionCount: number;
  /** How many answers there are, and how much is written in them. */
  answerCount: number;
  writtenLength: number;
  children: ComponentChildren;
}

interface LogState {
  /** The end of the conversation is out of sight. */
  isAway: boolean;
  /** What has come there since. */
  news: "text" | "answer" | null;
}

/**
 * The conversation. It follows new text only while the reader is at its end, and says so where they
 * are not. Screen readers hear it through the announcer, by sentences.
 */
export class Log extends Component<LogProps, LogState> {
  override state: LogState = { isAway: false, news: null };
  readonly #box = createRef<HTMLDivElement>();
  readonly #content = createRef<HTMLDivElement>();
  #following: Following | null = null;
  #isGone = false;
  /** What was there when the end was last in sight. */
  #seen = { answers: 0, written: 0 };

  /** Whether the focus is in it. */
  get #isFocused(): boolean {
    return !!this.#box.current?.matches(":focus-within");
  }

  override getSnapshotBeforeUpdate() {
    return this.#isFocused;
  }

  override componentDidUpdate(before: LogProps, _: LogState, wasFocused: boolean) {
    // What was pressed is gone: whoever pressed it by key goes on from here.
    if (wasFocused && !this.#isFocused) this.#box.current?.focus({ preventScroll: true });
    const { isAway, news } = this.state;
    if (this.props.questionCount > 0 && !this.#following) void this.#follow();
    if (this.props.questionCount > before.questionCount) this.#toEnd();
    else if (isAway && news === null && this.#news) this.setState({ news: this.#news });
  }

  override componentWillUnmount() {
    this.#isGone = true;
    this.#following?.end();
  }

  /** What follows comes with what draws answers: before there is none, there is nothing to follow. */
  async #follow(): Promise<void> {
    const drawing = await loadDrawing();
    const [box, content] = [this.#box.current, this.#content.current];
    if (drawing && box && content && !this.#isGone)
      this.#following ??= new drawing.Following(box, content, this.#moved);
  }

  #toEnd(): void {
    const box = this.#box.current;
    if (this.#following) this.#following.toEnd();
    else if (box) box.scrollTop = box.scrollHeight;
  }

  #moved = (isAway: boolean) => {
    const { answerCount: answers, writtenLength: written } = this.props;
    if (!isAway) this.#seen = { answers, written };
    if (isAway !== this.state.isAway) this.setState({ isAway, news: isAway ? this.#news : null });
  };

  /** What has come since the end was in sight. */
  get #news(): LogState["news"] {
    const { answerCount, writtenLength } = this.props;
    if (writtenLength <= this.#seen.written) return null;
    return answerCount > this.#seen.answers ? "answer" : "text";
  }

  #goThere = () => {
    const box = this.#box.current;
    const { news } = this.state;
    this.#seen = { answers: this.props.answerCount, written: this.props.writtenLength };
    this.setState({ news: null });
    // The button goes away: whoever pressed it by key goes on from here.
    box?.focus({ preventScroll: true });
    if (news === "answer") lastAnswer(this.#content.current)?.scrollIntoView({ block: "start" });
    else this.#toEnd();
  };

  override render({ words, children }: LogProps) {
    return (
      <div class="log-frame">
        <div
          ref={this.#box}
          class="log"
          part="log"
          role="log"
          aria-live="off"
          aria-label={words.conversation}
          tabIndex={0}
        >
          <div ref={this.#content} class="log-content">
            {children}
          </div>
        </div>
        {this.state.isAway && this.#wayThere(words)}
      </div>
    );
  }

  #wayThere(words: Words) {
    const { news } = this.state;
    if (!news)
      return <IconButton class="to-end" icon="down" label={words.toEnd} onClick={this.#goThere} />;
    return (
      <button type="button" class="to-end news" onClick={this.#goThere}>
        <Icon name="down" />
        {news === "answer" ? words.newAnswer : words.newText}
      </button>
    );
  }
}

function lastAnswer(content: Element | null): Element | null {
  return [...(content?.querySelectorAll(".answer") ?? [])].at(-1) ?? null;
}
