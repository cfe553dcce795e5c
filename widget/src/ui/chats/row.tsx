/** One chat in the list. */
import type { ListedChat } from "../../core/chat-list";
import { fill, type AllWords } from "../../core/words";
import type { ChatsLanguage } from "../../core/words/en-chats";
import { IconButton } from "../icons";

interface RowProps {
  language: ChatsLanguage;
  listed: ListedChat;
  /** It is the one in the panel. */
  isShown: boolean;
  onOpen: () => void;
  onClose: () => void;
  onDelete: () => void;
}

/** Of a chat without a title so much of what was last said stands in its place. */
const SNIPPET_LENGTH = 60;

/** Of markdown what would only be in a title's way. */
const MARKUP = /^\s*(?:[#>]+|```\w*)|[*`]+/gm;

export function ChatRow({ language, listed, isShown, onOpen, onClose, onDelete }: RowProps) {
  const { words } = language;
  const chat = nameOf(listed, words);
  const facts = [
    listed.lastAt !== null && timeAgo(language.tag, Math.min(0, listed.lastAt - Date.now())),
    !listed.isOpen && words.isClosed,
    listed.isHumanHandled && words.isWithPerson,
  ].filter((fact) => typeof fact === "string");
  return (
    <>
      <button
        type="button"
        class="chat-open"
        aria-current={isShown ? "true" : undefined}
        onClick={onOpen}
      >
        <span class="chat-name">
          <span dir="auto">{chat}</span>
        </span>
        <span class="chat-time">{facts.join(" · ")}</span>
      </button>
      {listed.isOpen && (
        <IconButton icon="lock" label={fill(words.closeNamed, { chat })} onClick={onClose} />
      )}
      <IconButton
        class="delete"
        icon="trash"
        label={fill(words.deleteNamed, { chat })}
        onClick={onDelete}
      />
    </>
  );
}

export function nameOf({ title, lastText }: ListedChat, words: AllWords): string {
  const snippet = lastText.replace(MARKUP, "").trim().replace(/\s+/g, " ");
  if (title ?? !snippet) return title ?? words.untitled;
  return snippet.length > SNIPPET_LENGTH ? `${snippet.slice(0, SNIPPET_LENGTH)}…` : snippet;
}

const UNITS = [
  ["year", 31_536_000_000],
  ["month", 2_592_000_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

/** "2 hours ago", "yesterday", "now". */
export function timeAgo(tag: string, milliseconds: number): string {
  const format = new Intl.RelativeTimeFormat(tag, { numeric: "auto" });
  for (const [unit, length] of UNITS)
    if (Math.abs(milliseconds) >= length)
      return format.format(Math.round(milliseconds / length), unit);
  return format.format(0, "second");
}
