import type { RefObject } from "preact";
import type { Words } from "../core/words";
import { IconButton } from "./icons";

interface BarProps {
  words: Words;
  title: string;
  isEmpty: boolean;
  /** The list of chats stands where the chat did. */
  isListing: boolean;
  listButton: RefObject<HTMLButtonElement | null>;
  onList: () => void;
  onNew: () => void;
  onClose: (() => void) | undefined;
}

/** The slim bar on top: whose assistant this is, the chats there are, a new one, and the way out. */
export function Bar(props: BarProps) {
  const { words, title, isEmpty, isListing, onList, onNew, onClose } = props;
  return (
    <header class="bar" part="bar">
      <h2 class="bar-title">{title}</h2>
      <IconButton
        button={props.listButton}
        icon="chats"
        label={words.chats}
        onClick={onList}
        isPressed={isListing}
      />
      <IconButton
        icon="newChat"
        label={words.newChat}
        onClick={onNew}
        isDisabled={isEmpty && !isListing}
      />
      {onClose && <IconButton icon="close" label={words.close} onClick={onClose} />}
    </header>
  );
}
