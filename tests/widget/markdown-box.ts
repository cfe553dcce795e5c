/** Boxes for answers, and what was drawn in them. */
import { MarkdownStream } from "../../widget/src/ui/markdown/stream";

export const WORDS = { copyCode: "Copy code", copied: "Copied", sources: "Sources" };

export function box(): HTMLElement {
  return document.body.appendChild(document.createElement("div"));
}

/** A text that came at once. */
export function rendered(source: string, partLength?: number): HTMLElement {
  const root = box();
  new MarkdownStream(root, WORDS, undefined, partLength).finish(source);
  return root;
}

/** Shows a text piece by piece, and its end; calls back after each piece. */
export function grow(
  source: string,
  sizes: () => number,
  seen: (root: HTMLElement) => void = () => {},
  partLength?: number,
): HTMLElement {
  const root = box();
  const stream = new MarkdownStream(root, WORDS, undefined, partLength);
  for (let end = sizes(); end < source.length; end += sizes()) {
    stream.update(source.slice(0, end));
    seen(root);
  }
  stream.finish(source);
  seen(root);
  return root;
}

/** Pieces of 1 to 12 characters, the same ones for the same seed. */
export function pieces(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return 1 + (state % 12);
  };
}

/** What was drawn, without the direction every block takes from its text. */
export function markup(root: Element): string {
  return root.innerHTML.replaceAll(' dir="auto"', "");
}
