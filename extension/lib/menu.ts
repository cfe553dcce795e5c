import type { MenuItem } from "./browser";

/** The context menu. On a selection only the second item shows, elsewhere only the first. */
export const MENU: readonly [MenuItem, ...MenuItem[]] = [
  { id: "page", title: "Ask Asklight about this page", contexts: ["page", "frame"] },
  { id: "selection", title: "Ask Asklight about “%s”", contexts: ["selection"] },
];
