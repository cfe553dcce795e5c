import { Component } from "preact";
import type { Attachments } from "../core/attachments";
import type { Part } from "../core/payload";
import { fill, inDigits, type Language, type Words } from "../core/words";
import { Exact, partLabel } from "./exact";
import { Icon } from "./icons";

interface ChipsProps {
  language: Language;
  attachments: Attachments;
  onTakePage: () => void;
}

/** What will be sent: one chip for each part, which opens to its exact text and can be left out. */
export class Chips extends Component<ChipsProps, { openId: string | null }> {
  override state = { openId: null };

  /** Escape closes what is open here before it closes the panel, and the focus goes to what it was opened from. */
  #keyed = (event: KeyboardEvent & { currentTarget: HTMLElement }) => {
    if (event.key !== "Escape" || this.state.openId === null) return;
    event.stopPropagation();
    event.currentTarget.querySelector<HTMLElement>("[aria-expanded=true]")?.focus();
    this.setState({ openId: null });
  };

  override render({ language, attachments, onTakePage }: ChipsProps) {
    const { words } = language;
    const { openId } = this.state;
    const { parts, notice, isLeft, isRead } = attachments;
    const isNothing = isRead && !parts.some((part) => part.isIncluded);
    const open = parts.find(({ id }) => id === openId);
    return (
      <section
        class="attachments"
        part="context"
        aria-label={words.whatIsSent}
        onKeyDown={this.#keyed}
      >
        <p class="label">{isNothing ? words.nothingSent : words.whatIsSent}</p>
        {parts.length > 0 && (
          <ul class="chips">
            {parts.map((part) => (
              <Chip
                key={part.id}
                language={language}
                part={part}
                isOffered={part.name === "page" && attachments.passages.length > 0}
                isOpen={part.id === openId}
                onOpen={() => this.setState({ openId: part.id === openId ? null : part.id })}
                onToggle={() => attachments.toggle(part.id)}
              />
            ))}
          </ul>
        )}
        {open && (
          <Exact
            key={open.id}
            language={language}
            part={open}
            label={partLabel(open, words)}
            hidden={open.name === "page" ? attachments.hidden : 0}
            onToggleMask={(secret) => attachments.toggleMask(open.id, secret)}
          />
        )}
        {isLeft && (
          <div class="notice left-page" role="status">
            <p>{words.pageChanged}</p>
            <button type="button" class="plain-button" onClick={onTakePage}>
              {words.takePage}
            </button>
          </div>
        )}
        {notice && <p class="notice">{notice}</p>}
      </section>
    );
  }
}

interface ChipProps {
  language: Language;
  part: Part;
  /** Not left out by the visitor: it only comes along when they add it. */
  isOffered: boolean;
  isOpen: boolean;
  onOpen: () => void;
  onToggle: () => void;
}

function Chip({ language, part, isOffered, isOpen, onOpen, onToggle }: ChipProps) {
  const { words } = language;
  const label = partLabel(part, words);
  const adding = isOffered ? words.addPage : words.add;
  const toggle = fill(part.isIncluded ? words.remove : adding, { part: label });
  const state = part.isIncluded ? "" : isOffered ? "offered" : "removed";
  const marks = part.isIncluded && marksOf(part, words);
  return (
    <li class={`chip ${part.name} ${state}`}>
      <button type="button" class="chip-open" aria-expanded={isOpen} onClick={onOpen}>
        <span class="unseen">
          {words.show} {part.name === "selection" && `${label}, `}
        </span>
        <span class="chip-label" dir="auto">
          {part.name === "selection" ? part.text.slice(0, CHIP_LENGTH) : label}
        </span>{" "}
        <span class="count">{inDigits(language, part.text.length)}</span>
        {marks && <span class="chip-mark">{marks}</span>}
      </button>
      <button
        type="button"
        class="chip-toggle"
        aria-label={toggle}
        title={toggle}
        onClick={onToggle}
      >
        <Icon name={part.isIncluded ? "close" : "add"} />
      </button>
    </li>
  );
}

/** A chip shows the beginning of its selection; more would only be laid out and not seen. */
const CHIP_LENGTH = 200;

/** That something in a closed chip is masked or cut: what it is stands in its exact text. */
function marksOf({ masks, cut }: Part, words: Words): string {
  const isMasked = masks.some(({ isUndone }) => !isUndone);
  return [isMasked && words.chipMasked, cut > 0 && words.chipCut].filter(Boolean).join(", ");
}
