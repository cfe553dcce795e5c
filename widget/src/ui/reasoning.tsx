import { Component } from "preact";
import type { Words } from "../core/words";
import { AnswerText } from "./answer-text";

interface ReasoningProps {
  text: string;
  /** The answer proper has not begun. */
  isThinking: boolean;
  words: Words;
}

/** What the assistant thought before it answered: folded away, and drawn only once it is unfolded. */
export class Reasoning extends Component<ReasoningProps, { isShown: boolean }> {
  override state = { isShown: false };

  override render({ text, isThinking, words }: ReasoningProps) {
    return (
      <details
        class="reasoning"
        onToggle={(event) => this.setState({ isShown: event.currentTarget.open })}
      >
        <summary>{isThinking ? words.thinking : words.reasoning}</summary>
        {this.state.isShown && (
          <AnswerText text={text} isOpen={isThinking} words={words} passages={undefined} />
        )}
      </details>
    );
  }
}
