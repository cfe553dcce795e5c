import type { Question } from "../core/conversation";
import type { Language } from "../core/words";
import { IconButton } from "./icons";
import { Receipt } from "./receipt";
import { Refusal } from "./refusal";

interface QuestionProps {
  language: Language;
  question: Question;
  canRetry: boolean;
  onRetry: (questionId: string) => void;
  onRetryAnew: (questionId: string) => void;
  onEdit: (questionId: string) => void;
}

export function QuestionView(props: QuestionProps) {
  const { language, question, canRetry } = props;
  const { words } = language;
  const { failure } = question;
  return (
    <div class="question">
      <h3 class="unseen">{words.you}</h3>
      <p class="bubble" part="question" dir="auto">
        {question.text}
      </p>
      {(question.state === "sending" || question.state === "sent") && (
        <>
          <div class="under-question">
            <Receipt language={language} context={question.context} />
            <IconButton
              icon="edit"
              label={words.editAsked}
              onClick={() => props.onEdit(question.id)}
            />
          </div>
          {question.isEarly && <p class="receipt">{words.receiptEarly}</p>}
        </>
      )}
      {failure && (
        <Refusal
          language={language}
          failure={failure}
          canRetry={canRetry}
          onRetry={() => props.onRetry(question.id)}
          onRetryAnew={() => props.onRetryAnew(question.id)}
          onEdit={() => props.onEdit(question.id)}
        />
      )}
    </div>
  );
}
