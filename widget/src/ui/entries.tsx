import type { Chat } from "../core/chat";
import type { Entry, Notice } from "../core/conversation";
import type { Language, Words } from "../core/words";
import { AnswerView } from "./answer";
import type { Passages } from "./passages";
import { pure } from "./pure";
import { QuestionView } from "./question";

interface EntryProps {
  language: Language;
  entry: Entry;
  chat: Chat;
  isIdle: boolean;
  isLast: boolean;
  passages: Passages | undefined;
  onEdit: (questionId: string) => void;
}

/** One entry of the conversation. An entry that did not change is not drawn again. */
export const EntryView = pure<EntryProps>(function EntryView(props) {
  const { language, entry, chat, isIdle, isLast } = props;
  const { words } = language;
  switch (entry.kind) {
    case "question":
      return (
        <QuestionView
          language={language}
          question={entry}
          canRetry={isIdle}
          onRetry={(id) => void chat.retry(id)}
          onRetryAnew={(id) => void chat.retryAnew(id)}
          onEdit={props.onEdit}
        />
      );
    case "answer":
      return (
        <AnswerView
          words={words}
          answer={entry}
          canAskAgain={isIdle && isLast && entry.questionId !== null}
          passages={props.passages}
          onAskAgain={(id) => void chat.askAgain(id)}
          onRate={(id, feedback) => void chat.rate(id, feedback)}
        />
      );
    case "person":
      return <PersonView name={entry.name ?? words.person} text={entry.text} />;
    case "notice":
      return <NoticeView words={words} notice={entry} />;
  }
});

/** The words of a person, who is named as one. They are text, not markdown. */
function PersonView({ name, text }: { name: string; text: string }) {
  return (
    <div class="answer">
      <h3 class="label">{name}</h3>
      <p class="prose plain" dir="auto">
        {text}
      </p>
    </div>
  );
}

const NOTICE_WORDS = {
  "person-took-over": "personTookOver",
  "chat-lost": "chatLost",
  "chat-unreachable": "chatUnreachable",
  "began-anew": "beganAnew",
  "chat-closed": "chatClosed",
} as const satisfies Record<Notice["notice"], keyof Words>;

function NoticeView({ words, notice: { notice } }: { words: Words; notice: Notice }) {
  return (
    <p class="notice" role="status">
      {words[NOTICE_WORDS[notice]]}
    </p>
  );
}
