/** Colours code: highlight.js finds the tokens, and they become elements here, never markup. */
import highlighter from "highlight.js/lib/core";
import { isSelectedIn } from "../../selected-in";
import { ElementEmitter } from "./emitter";
import { loadLanguage, nameOf } from "./languages";

highlighter.configure({ __emitter: ElementEmitter });

/** Puts elements around the tokens of a piece of code; of a language not known it stays as it is. */
export async function highlight(code: HTMLElement, language: string): Promise<void> {
  const name = nameOf(language);
  if (!name) return;
  if (!highlighter.getLanguage(name)) highlighter.registerLanguage(name, await loadLanguage(name));
  const text = code.textContent;
  const { _emitter: emitter } = highlighter.highlight(text, {
    language: name,
    ignoreIllegals: true,
  });
  if (!(emitter instanceof ElementEmitter)) return;
  const tokens = emitter.fragment;
  // What was selected in it, or has come meanwhile, matters more than colours.
  if (tokens.textContent !== text || code.textContent !== text || isSelectedIn(code)) return;
  code.replaceChildren(tokens);
}
