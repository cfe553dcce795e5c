import type { Answer } from "../core/conversation";
import type { Feedback } from "../core/types";
import type { Words } from "../core/words";
import { AnswerText } from "./answer-text";
import { CopyButton } from "./copy-button";
import { IconButton } from "./icons";
import { loadedDrawing } from "./markdown/load";
import type { Passages } from "./passages";
import { Reasoning } from "./reasoning";

interface AnswerProps {
  words: Words;
  answer: Answer;
  /** Only the last answer can be asked for again, and only while nothing else is under way. */
  canAskAgain: boolean;
  passages: Passages | undefined;
  onAskAgain: (answerId: string) => void;
  onRate: (answerId: string, feedback: Feedback | null) => void;
}

export function AnswerView(props: AnswerProps) {
  const { words, answer, canAskAgain } = props;
  const isOpen = answer.state === "streaming";
  const { reasoning } = answer.extras;
  return (
    <div class="answer" part="answer">
      <h3 class="unseen">{words.answer}</h3>
      {reasoning && (
        <Reasoning text={reasoning} isThinking={isOpen && !answer.text} words={words} />
      )}
      <AnswerText
        text={answer.text}
        extras={answer.extras}
        isOpen={isOpen}
        words={words}
        passages={props.passages}
      />
      {isOpen && <span class={answer.text ? "writing" : "writing waiting"} />}
      {answer.state === "stopped" && (
        <p class="notice" role="status">
          {words.stopped}
        </p>
      )}
      {(answer.state === "failed" || answer.state === "cut") && <Trouble {...props} />}
      {!isOpen && (
        <div class="actions">
          {answer.text && <CopyButtons {...props} />}
          {answer.messageId && answer.state === "complete" && <RateButtons {...props} />}
          {canAskAgain && answer.state !== "failed" && answer.state !== "cut" && (
            <IconButton
              icon="again"
              label={words.askAgain}
              onClick={() => props.onAskAgain(answer.id)}
            />
          )}
        </div>
      )}
    </div>
  );
}

/** What became of an answer that did not end well, and the next step. */
function Trouble({ words, answer, canAskAgain, onAskAgain }: AnswerProps) {
  return (
    <div class="trouble" role="status">
      <p>{answer.state === "cut" ? words.cutOff : words.failed}</p>
      {canAskAgain && (
        <button type="button" onClick={() => onAskAgain(answer.id)}>
          {words.askAgain}
        </button>
      )}
    </div>
  );
}

/** As the assistant wrote it, and as a reader sees it. */
function CopyButtons({ words, answer: { text, extras } }: AnswerProps) {
  const plain = () => loadedDrawing()?.plainText(text, extras, words) ?? text;
  return (
    <>
      <CopyButton icon="copy" label={words.copy} words={words} text={() => text} />
      <CopyButton icon="plain" label={words.copyPlain} words={words} text={plain} />
    </>
  );
}

function RateButtons({ answer, words, onRate }: AnswerProps) {
  const rate = (feedback: Feedback) =>
    onRate(answer.id, answer.feedback === feedback ? null : feedback);
  return (["like", "dislike"] as const).map((feedback) => (
    <IconButton
      key={feedback}
      icon={feedback}
      label={words[feedback]}
      isPressed={answer.feedback === feedback}
      onClick={() => rate(feedback)}
    />
  ));
}
