/** The passages of a page that were attached. What holds and shows them is loaded with the first one. */
import type { Lights, Marks } from "./context/marks";
import type { Passage } from "./core/types";
import type { Selected } from "./selected";

export class PagePassages {
  #marks: Marks | null = null;
  #colors: Lights | null = null;
  #shown: readonly Passage[] = [];
  #isOn = false;

  /** What was in a selection, or null where that was nothing a person sees. */
  async add(selected: Selected): Promise<Passage | null> {
    const { capture, Marks } = await import("./context/marks");
    const captured = (selected.captured ??= capture(selected.range));
    if (!captured) return null;
    const marks = (this.#marks ??= new Marks());
    if (this.#colors) marks.paint(this.#colors);
    marks.turn(this.#isOn);
    marks.anchor(captured);
    return captured.passage;
  }

  show(passages: readonly Passage[]): void {
    this.#shown = passages;
    this.#marks?.show(this.#shown);
  }

  /** Whether they are to be seen: not while the panel is closed. */
  turn(isOn: boolean): void {
    this.#isOn = isOn;
    this.#marks?.turn(isOn);
  }

  paint(colors: Lights): void {
    this.#colors = colors;
    this.#marks?.paint(colors);
  }
}
