import { Component } from "preact";
import type { Attachments } from "../core/attachments";
import type { Part } from "../core/payload";
import { count, fill, type Language, type Words } from "../core/words";
import { Icon } from "./icons";

interface ChipsProps {
  language: Language;
  attachments: Attachments;
}

/** What will be sent: one chip for each part, which opens to its exact text and can be left out. */
export class Chips extends Component<ChipsProps, { openId: string | null }> {
  override state = { openId: null };

  /** Escape closes what is open here before it closes the panel. */
  #keyed = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || this.state.openId === null) return;
    event.stopPropagation();
    this.setState({ openId: null });
  };

  override render({ language, attachments }: ChipsProps) {
    const { words } = language;
    const { openId } = this.state;
    const { parts, notice } = attachments;
    const open = parts.find(({ id }) => id === openId);
    return (
      <section class="attachments" aria-label={words.whatIsSent} onKeyDown={this.#keyed}>
        <p class="label">
          {parts.some((part) => part.isIncluded) ? words.whatIsSent : words.nothingSent}
        </p>
        {parts.length > 0 && (
          <ul class="chips">
            {parts.map((part) => (
              <Chip
                key={part.id}
                language={language}
                part={part}
                isOpen={part.id === openId}
                onOpen={() => this.setState({ openId: part.id === openId ? null : part.id })}
                onToggle={() => attachments.toggle(part.id)}
              />
            ))}
          </ul>
        )}
        {open && <ExactText language={language} part={open} />}
        {notice && <p class="notice">{notice}</p>}
      </section>
    );
  }
}

interface ChipProps {
  language: Language;
  part: Part;
  isOpen: boolean;
  onOpen: () => void;
  onToggle: () => void;
}

function Chip({ language, part, isOpen, onOpen, onToggle }: ChipProps) {
  const { words, tag } = language;
  const label = partLabel(part, words);
  const toggle = fill(part.isIncluded ? words.remove : words.add, { part: label });
  return (
    <li class={`chip ${part.name} ${part.isIncluded ? "" : "removed"}`}>
      <button type="button" class="chip-open" aria-expanded={isOpen} onClick={onOpen}>
        <span class="unseen">
          {words.show} {part.name === "selection" && `${label}, `}
        </span>
        <span class="chip-label">{part.name === "selection" ? part.text : label}</span>{" "}
        <span class="count">{new Intl.NumberFormat(tag).format(part.text.length)}</span>
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

function ExactText({ language, part }: { language: Language; part: Part }) {
  const { words } = language;
  return (
    <div class="exact" role="region" aria-label={partLabel(part, words)}>
      <p class="label">
        {count(language, words.characters, part.text.length)}
        {part.cut > 0 && ` · ${count(language, words.cut, part.cut)}`}
      </p>
      <div class="exact-text" tabIndex={0} dir="auto">
        {part.text}
      </div>
    </div>
  );
}

function partLabel({ name, isParagraph }: Part, words: Words): string {
  if (name === "content") return isParagraph ? words.paragraph : words.page;
  return words[name];
}
