import type { Question } from "../core/conversation";
import type { PageContext } from "../core/types";
import { failureWords, type Language, type Words } from "../core/words";

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
      {question.state !== "failed" && <Receipt words={words} context={question.context} />}
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

/** What left the page with a question, word for word. */
function Receipt({ words, context }: { words: Words; context: PageContext | null }) {
  const parts = context ? receiptParts(context, words) : [];
  if (parts.length === 0) return <p class="receipt">{words.receiptNone}</p>;
  return (
    <details class="receipt">
      <summary>
        {words.receipt}: {parts.map(([label]) => label).join(", ")}
      </summary>
      {parts.map(([label, text]) => (
        <div key={label} class="exact">
          <p class="label">{label}</p>
          <div class="exact-text" tabIndex={0} dir="auto">
            {text}
          </div>
        </div>
      ))}
    </details>
  );
}

function receiptParts(context: PageContext, words: Words): [string, string][] {
  const content = context.textSelection ? words.paragraph : words.page;
  const all: [string, string | undefined][] = [
    [words.selection, context.textSelection],
    [content, context.content],
    [words.title, context.title],
    [words.address, context.url],
  ];
  return all.filter((part): part is [string, string] => part[1] !== undefined);
}
