/** The exact text of a part. How masks and cuts are shown is loaded when the first one is opened. */
import type { Part } from "../core/payload";
import { count, type Words } from "../core/words";
import type { ExactProps } from "./exact-text";
import { lazily } from "./lazily";

export const Exact = lazily(
  async () => (await import("./exact-text")).ExactText,
  function PlainText({ language, part, label }: ExactProps) {
    return (
      <div class="exact" role="region" aria-label={label}>
        <p class="label">{count(language, language.words.characters, part.text.length)}</p>
        <div class="exact-box" role="group" aria-label={label} tabIndex={0}>
          <div class="exact-text" dir="auto">
            {part.text}
          </div>
        </div>
      </div>
    );
  },
);

export function partLabel({ name }: Pick<Part, "name">, words: Words): string {
  return words[name];
}
