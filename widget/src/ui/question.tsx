import type { Question } from "../core/conversation";
import { failureWords, type Language } from "../core/words";
import { IconButton } from "./icons";
import { Receipt } from "./receipt";

interface QuestionProps {
  language: Language;
  question: Question;
  canRetry: boolean;
  onRetry: (questionId: string) => void;
  onEdit: (questionId: string) => void;
}

export function QuestionView(props: QuestionProps) {
  const { language, question, canRetry } = props;
  const { words } = language;
  const { failure } = question;
  return (
    <div class="question">
      <h3 class="unseen">{words.you}</h3>
      <p class="bubble" dir="auto">
        {question.text}
      </p>
      {question.state !== "failed" && (
        <div class="under-question">
          <Receipt language={language} context={question.context} />
          <IconButton
            icon="edit"
            label={words.editAsked}
            onClick={() => props.onEdit(question.id)}
          />
        </div>
      )}
      {failure && (
        <div class="trouble" role="alert">
          <p>{failureWords(language, failure, navigator.onLine)}</p>
          <button
            type="button"
            aria-disabled={!canRetry}
            onClick={() => props.onRetry(question.id)}
          >
            {words.tryAgain}
          </button>
          <button type="button" onClick={() => props.onEdit(question.id)}>
            {words.edit}
          </button>
        </div>
      )}
    </div>
  );
}
