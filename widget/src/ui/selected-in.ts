/** Whether some of an element's text is selected. */
export function isSelectedIn(element: Element): boolean {
  const root = element.getRootNode();
  // Only Chromium tells of selections in a shadow tree this way; elsewhere the window's tells. The document's could be
  // an image of that name.
  const selection =
    root instanceof ShadowRoot && "getSelection" in root
      ? (root as ShadowRoot & Pick<Document, "getSelection">).getSelection()
      : getSelection();
  if (!selection || selection.isCollapsed) return false;
  return element.contains(selection.anchorNode) || element.contains(selection.focusNode);
}
