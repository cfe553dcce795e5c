/** Why a question was not accepted, in its own words, and the next step. */
import { Component } from "preact";
import type { Failure } from "../core/failure";
import { failureWords, timeLeft, type Language, type Words } from "../core/words";

interface RefusalProps {
  language: Language;
  failure: Failure;
  canRetry: boolean;
  onRetry: () => void;
  /** Asks it as the first question of a new chat. */
  onRetryAnew: () => void;
  onEdit: () => void;
}

const TICK_MS = 1_000;

/** Counts down where the proxy said how long; says it when the browser is online again. */
export class Refusal extends Component<RefusalProps> {
  #timer: ReturnType<typeof setInterval> | undefined;
  #life = new AbortController();
  readonly #wasOffline = !navigator.onLine;

  override componentDidMount() {
    if (this.#left > 0) this.#timer = setInterval(this.#tick, TICK_MS);
    const { signal } = this.#life;
    for (const type of ["online", "offline"])
      addEventListener(type, () => this.forceUpdate(), { signal });
  }

  override componentWillUnmount() {
    clearInterval(this.#timer);
    this.#life.abort();
  }

  get #left(): number {
    const { kind, until } = this.props.failure;
    // Of a service that is down it is a guess: trying earlier may do.
    return kind === "limited" ? Math.max(0, (until ?? 0) - Date.now()) : 0;
  }

  #tick = () => {
    if (this.#left === 0) clearInterval(this.#timer);
    this.forceUpdate();
  };

  override render({ language, failure, canRetry, onRetry, onRetryAnew, onEdit }: RefusalProps) {
    const { words } = language;
    const isWaiting = this.#left > 0;
    const isOver = failure.kind === "limited" && failure.until !== null && !isWaiting;
    const isGood = isOver || this.#isBack;
    const needsNewChat = failure.kind === "closed" || failure.kind === "gone";
    const mayRetry = canRetry && !isWaiting;
    return (
      <div class="trouble">
        <p role="alert" class={isGood ? "good" : ""}>
          {isOver ? words.limitOver : this.#words()}
        </p>
        {isWaiting && (
          // Seen to count; a screen reader has heard how long it takes.
          <p class="count" role="timer" aria-live="off">
            {timeLeft(language, this.#left)}
          </p>
        )}
        <Step
          label={needsNewChat ? words.askAnew : words.tryAgain}
          isDisabled={!mayRetry}
          onClick={needsNewChat ? onRetryAnew : onRetry}
        />
        <Step label={words.edit} onClick={onEdit} />
      </div>
    );
  }

  get #isBack(): boolean {
    return this.#wasOffline && navigator.onLine;
  }

  #words(): string {
    const { language, failure } = this.props;
    if (this.#isBack) return language.words.backOnline;
    return failureWords(language, failure, navigator.onLine);
  }
}

interface StepProps {
  label: Words["tryAgain"] | Words["askAnew"] | Words["edit"];
  isDisabled?: boolean;
  onClick: () => void;
}

function Step({ label, isDisabled = false, onClick }: StepProps) {
  return (
    <button type="button" aria-disabled={isDisabled} onClick={() => isDisabled || onClick()}>
      {label}
    </button>
  );
}
