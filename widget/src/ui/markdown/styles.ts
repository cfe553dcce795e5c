/// <reference path="../css.d.ts" />
/** The look of answers, put beside the panel's own where the first answer is drawn. */
import css from "./answers.css?inline";

let sheet: CSSStyleSheet | null = null;

export function styleAnswersIn(root: Node): void {
  if (!(root instanceof ShadowRoot)) return;
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  if (!root.adoptedStyleSheets.includes(sheet))
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}
