import { Component } from "preact";
import { receiptOf, type Part, type PartName } from "../core/payload";
import type { PageContext } from "../core/types";
import type { Language } from "../core/words";
import { Exact, partLabel } from "./exact";

interface ReceiptProps {
  language: Language;
  context: PageContext | null;
}

/** What left the page with a question: which parts, and opened each word for word. */
export class Receipt extends Component<ReceiptProps, { isOpen: boolean }> {
  override state = { isOpen: false };

  #toggled = (event: Event & { currentTarget: HTMLDetailsElement }) =>
    this.setState({ isOpen: event.currentTarget.open });

  override render({ language, context }: ReceiptProps) {
    const { words } = language;
    if (!context) return <p class="receipt">{words.receiptNone}</p>;
    const parts = receiptOf(context) ?? keptParts(context);
    const names = [...new Set(parts.map((part) => partLabel(part, words)))];
    return (
      <details class="receipt" onToggle={this.#toggled}>
        <summary>
          {words.receipt}: {names.join(", ")}
        </summary>
        {this.state.isOpen &&
          parts.map((part) => (
            <div key={part.id}>
              <p class="receipt-name">{partLabel(part, words)}</p>
              <Exact language={language} part={part} label={partLabel(part, words)} hidden={0} />
            </div>
          ))}
        {this.state.isOpen && !receiptOf(context) && <p>{words.receiptKept}</p>}
      </details>
    );
  }
}

/** What is known of a question from before the page was loaded. */
function keptParts(context: PageContext): Part[] {
  const all: [PartName, string | undefined][] = [
    ["selection", context.textSelection],
    ["page", context.content],
    ["title", context.title],
    ["address", context.url],
  ];
  return all.flatMap(([name, text]) =>
    text ? [{ id: name, name, text, masks: [], cut: 0, cutText: "", isIncluded: true }] : [],
  );
}
