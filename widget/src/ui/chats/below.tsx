/** What stands below the chats: that there are more, or none, or that they could not be loaded; and the way to be rid of all. */
import type { AllWords } from "../../core/words";
import { Confirm } from "./confirm";

interface BelowProps {
  words: AllWords;
  phase: "loading" | "ready" | "failed";
  /** There are more to be loaded than are shown. */
  isMore: boolean;
  isSearch: boolean;
  /** How many are shown. */
  shown: number;
  onMore: () => void;
}

export function Below({ words, phase, isMore, isSearch, shown, onMore }: BelowProps) {
  if (phase === "loading") return <p class="notice">{words.chatsLoading}</p>;
  if (phase === "failed")
    return (
      <div class="trouble">
        <p role="alert">{words.chatsUnreachable}</p>
        <button type="button" class="chats-button" onClick={onMore}>
          {words.tryAgain}
        </button>
      </div>
    );
  if (isMore && !isSearch)
    return (
      <button type="button" class="chats-button chats-more" onClick={onMore}>
        {words.moreChats}
      </button>
    );
  if (shown > 0) return null;
  return <p class="notice">{isSearch ? words.noChatsFound : words.noChats}</p>;
}

interface DeleteAllProps {
  words: AllWords;
  /** What deleting does here. */
  consequence: string;
  isAsked: boolean;
  onAsk: (isAsked: boolean) => void;
  onConfirm: () => void;
}

export function DeleteAll({ words, consequence, isAsked, onAsk, onConfirm }: DeleteAllProps) {
  return (
    <div class="chats-foot">
      {isAsked ? (
        <Confirm
          words={words}
          question={`${words.deleteAllSure} ${consequence}`}
          step={words.deleteAll}
          onConfirm={onConfirm}
          onCancel={() => onAsk(false)}
        />
      ) : (
        <button type="button" class="chats-button grave" onClick={() => onAsk(true)}>
          {words.deleteAll}
        </button>
      )}
    </div>
  );
}
