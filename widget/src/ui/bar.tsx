import type { Words } from "../core/words";
import { IconButton } from "./icons";

interface BarProps {
  words: Words;
  title: string;
  isEmpty: boolean;
  onNew: () => void;
  onClose: (() => void) | undefined;
}

/** The slim bar on top: whose assistant this is, a new chat, and the way out. */
export function Bar({ words, title, isEmpty, onNew, onClose }: BarProps) {
  return (
    <header class="bar" part="bar">
      <h2 class="bar-title">{title}</h2>
      <IconButton icon="newChat" label={words.newChat} onClick={onNew} isDisabled={isEmpty} />
      {onClose && <IconButton icon="close" label={words.close} onClick={onClose} />}
    </header>
  );
}
