/// <reference path="../css.d.ts" />
/**
 * The look of the list of chats, put beside the panel's own when it is first shown. As that of answers is:
 * shared, it would be a module of its own and one more journey before the first answer is drawn.
 */
import css from "./chats.css?inline";

let sheet: CSSStyleSheet | null = null;

export function styleChatsIn(root: Node): void {
  if (!(root instanceof ShadowRoot)) return;
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  if (!root.adoptedStyleSheets.includes(sheet))
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}
