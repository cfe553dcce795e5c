/** What showing a passage of the page needs of the panel that stands on it. */
export interface Passages {
  /** Knows the marker's colours. */
  panel: Element;
  /** A passage is marked on the page. */
  onShown: () => void;
}
