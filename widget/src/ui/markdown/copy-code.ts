/** The button of a block of code puts it on the clipboard, and says so for a moment. */
import { copyText } from "../clipboard";
import { codeIn } from "./code";
import type { MarkdownWords } from "./rendering";

const COPIED_MS = 2_000;

export function handleCopying(
  container: HTMLElement,
  words: MarkdownWords,
  signal: AbortSignal,
): void {
  container.addEventListener("click", (event) => void copy(event, words), { signal });
}

async function copy({ target }: Event, { copyCode, copied }: MarkdownWords): Promise<void> {
  const button = target instanceof Element ? target.closest(".copy-code") : null;
  const box = button?.closest(".code");
  const code = box && codeIn(box);
  if (!button || !code || !(await copyText(code.textContent))) return;
  button.textContent = copied;
  setTimeout(() => (button.textContent = copyCode), COPIED_MS);
}
