import type { Words } from "../core/words";

interface EmptyProps {
  words: Words;
  welcome: string;
  suggestions: readonly string[];
  onAsk: (question: string) => void;
}

/** An empty panel: the owner's welcome and questions that fit the page. */
export function Empty({ words, welcome, suggestions, onAsk }: EmptyProps) {
  return (
    <div class="empty">
      <p class="welcome" dir="auto">
        {welcome}
      </p>
      {suggestions.length > 0 && (
        <ul class="suggestions" aria-label={words.suggestions}>
          {suggestions.map((question) => (
            <li key={question}>
              <button type="button" dir="auto" onClick={() => onAsk(question)}>
                {question}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
