/** A part as it will be sent, or was: word for word, with what is masked and what was cut. */
import type { ComponentChildren } from "preact";
import type { Mask } from "../core/masking";
import type { Part } from "../core/payload";
import { count, type Language, type Words } from "../core/words";

export interface ExactProps {
  language: Language;
  part: Part;
  label: string;
  /** How many characters of the page were left out unseen. */
  hidden: number;
  /** Absent: what was sent is shown, and nothing can be changed. */
  onToggleMask?: (secret: string) => void;
}

export function ExactText({ language, part, label, hidden, onToggleMask }: ExactProps) {
  const { words } = language;
  return (
    <div class="exact" role="region" aria-label={label}>
      <p class="label">{summaryOf(part, language, hidden)}</p>
      {onToggleMask && part.masks.length > 0 && (
        <ul class="masks">
          {eachSecretOnce(part.masks).map((mask) => (
            <MaskRow
              key={mask.secret}
              words={words}
              mask={mask}
              onToggle={() => onToggleMask(mask.secret)}
            />
          ))}
        </ul>
      )}
      <div class="exact-box" role="group" aria-label={label} tabIndex={0}>
        <div class="exact-text" dir="auto">
          {marked(part)}
        </div>
        {part.cutText && (
          <div class="cut-text" dir="auto">
            <p class="label">{words.cutHere}</p>
            <s>{part.cutText}</s>
          </div>
        )}
      </div>
    </div>
  );
}

interface MaskRowProps {
  words: Words;
  mask: Mask;
  onToggle: () => void;
}

function MaskRow({ words, mask, onToggle }: MaskRowProps) {
  const kind = words[KIND_WORDS[mask.kind]];
  const action = mask.isUndone ? words.mask : words.unmask;
  return (
    <li>
      <span class="mask-name">
        {kind} <code dir="ltr">{glimpse(mask.secret)}</code>
      </span>
      <button type="button" aria-label={`${action}: ${kind}`} onClick={onToggle}>
        {action}
      </button>
    </li>
  );
}

const KIND_WORDS = {
  card: "secretCard",
  account: "secretAccount",
  privateKey: "secretPrivateKey",
  accessKey: "secretAccessKey",
  password: "secretPassword",
} as const satisfies Record<Mask["kind"], keyof Words>;

/** Enough of a secret for its owner to know it by. */
function glimpse(secret: string): string {
  const line = secret.replace(/\s+/g, " ");
  return line.length <= 8 ? `${line.slice(0, 2)}…` : `${line.slice(0, 4)}…${line.slice(-2)}`;
}

function eachSecretOnce(masks: readonly Mask[]): Mask[] {
  return [...new Map(masks.map((mask) => [mask.secret, mask])).values()];
}

function summaryOf(part: Part, language: Language, hidden: number): string {
  const { words } = language;
  const masked = part.masks.filter(({ isUndone }) => !isUndone).length;
  return [
    count(language, words.characters, part.text.length),
    masked > 0 && count(language, words.masked, masked),
    part.cut > 0 && count(language, words.cut, part.cut),
    hidden > 0 && count(language, words.hidden, hidden),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** The text with its masks marked. */
function marked({ text, masks }: Part): ComponentChildren[] {
  const pieces: ComponentChildren[] = [];
  let from = 0;
  for (const { start, end, isUndone } of masks) {
    pieces.push(text.slice(from, start));
    pieces.push(<mark class={isUndone ? "unmasked" : "masked"}>{text.slice(start, end)}</mark>);
    from = end;
  }
  return [...pieces, text.slice(from)];
}
