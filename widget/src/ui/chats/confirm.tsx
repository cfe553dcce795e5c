/** Asks before something is gone for good. The focus is on keeping it. */
import { Component, createRef } from "preact";
import type { AllWords } from "../../core/words";

interface ConfirmProps {
  words: AllWords;
  question: string;
  /** What it is about, where that does not stand above. */
  about?: string;
  step: string;
  onConfirm: () => void;
  onCancel: () => void;
}

export class Confirm extends Component<ConfirmProps> {
  readonly #keep = createRef<HTMLButtonElement>();

  override componentDidMount() {
    this.#keep.current?.focus();
  }

  override render({ words, question, about, step, onConfirm, onCancel }: ConfirmProps) {
    const whole = about ? `${about}: ${question}` : question;
    return (
      <div class="chats-confirm" role="alertdialog" aria-label={step} aria-description={whole}>
        {about && (
          <p class="chat-name">
            <span dir="auto">{about}</span>
          </p>
        )}
        <p>{question}</p>
        <div class="chats-steps">
          <button type="button" class="chats-button grave" onClick={onConfirm}>
            {step}
          </button>
          <button ref={this.#keep} type="button" class="chats-button" onClick={onCancel}>
            {words.keep}
          </button>
        </div>
      </div>
    );
  }
}
