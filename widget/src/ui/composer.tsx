import { Component, type RefObject } from "preact";
import { QUESTION_LENGTH } from "../core/limits";
import { count, type Language } from "../core/words";
import { IconButton } from "./icons";

interface ComposerProps {
  language: Language;
  draft: string;
  placeholder: string;
  /** An answer is on its way: the button stops it, and typing goes on. */
  isBusy: boolean;
  isStopping: boolean;
  /** The question asked last; the up arrow brings it back into an empty field. */
  lastQuestion: string;
  /** An earlier question is being changed. */
  isEditing: boolean;
  field: RefObject<HTMLTextAreaElement | null>;
  onDraft: (draft: string) => void;
  onSend: () => void;
  onStop: () => void;
  onCancelEdit: () => void;
  onFocus: () => void;
}

/** Safari ends an IME composition before its Enter key arrives; the key code still tells. */
const IME_KEY_CODE = 229;

/** From this near to the limit on, the room that is left is told. */
const NEAR_LIMIT = 500;

export class Composer extends Component<ComposerProps> {
  override componentDidMount() {
    fitHeight(this.props.field.current);
  }

  override componentDidUpdate() {
    fitHeight(this.props.field.current);
  }

  /** By how many units the question is too long; negative while there is room. */
  get #excess(): number {
    return this.props.draft.trim().length - QUESTION_LENGTH;
  }

  get #canSend(): boolean {
    return this.props.draft.trim() !== "" && this.#excess <= 0;
  }

  #keyed = (event: KeyboardEvent) => {
    if (event.isComposing || event.keyCode === IME_KEY_CODE) return;
    if (event.key === "Enter" && !event.shiftKey) this.#entered(event);
    else if (event.key === "ArrowUp") this.#bringBack(event);
    else if (event.key === "Escape" && this.props.isEditing) this.#cancelEdit(event);
  };

  /** While an answer comes, what was typed stays and can be sent when it has ended. */
  #entered(event: KeyboardEvent): void {
    event.preventDefault();
    if (this.#canSend && !this.props.isBusy) this.props.onSend();
  }

  #bringBack(event: KeyboardEvent): void {
    const { draft, lastQuestion, onDraft } = this.props;
    if (draft !== "" || lastQuestion === "") return;
    event.preventDefault();
    onDraft(lastQuestion);
  }

  /** Escape ends the change before it closes the panel. */
  #cancelEdit(event: KeyboardEvent): void {
    event.stopPropagation();
    this.props.onCancelEdit();
  }

  override render(props: ComposerProps) {
    const { words } = props.language;
    return (
      <div class="composer">
        {props.isEditing && (
          <p class="notice editing">
            {words.editing}
            <button type="button" class="plain-button" onClick={props.onCancelEdit}>
              {words.cancel}
            </button>
          </p>
        )}
        {this.#excess > -NEAR_LIMIT && (
          <p class={this.#excess > 0 ? "trouble" : "notice"} role="status">
            {count(
              props.language,
              this.#excess > 0 ? words.tooLong : words.roomLeft,
              Math.abs(this.#excess),
            )}
          </p>
        )}
        <div class="composer-box" part="composer">
          <textarea
            ref={props.field}
            rows={1}
            dir={props.draft ? "auto" : undefined}
            enterkeyhint="send"
            aria-label={words.question}
            aria-invalid={this.#excess > 0}
            placeholder={props.placeholder}
            value={props.draft}
            onInput={(event) => props.onDraft(event.currentTarget.value)}
            onKeyDown={this.#keyed}
            onFocus={props.onFocus}
          />
          <IconButton
            class="primary"
            icon={props.isBusy ? "stop" : "send"}
            label={props.isBusy ? words.stop : words.send}
            isDisabled={props.isBusy ? props.isStopping : !this.#canSend}
            onClick={props.isBusy ? props.onStop : props.onSend}
          />
        </div>
      </div>
    );
  }
}

/** Grows the field with its text where the browser does not do it by `field-sizing`. */
function fitHeight(field: HTMLTextAreaElement | null): void {
  if (!field || CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
