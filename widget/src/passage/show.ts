/** A source that is a passage of the page the panel stands on is shown there. */
import { quoteOn } from "./directive";
import { findPassage } from "./find";
import { markPassage } from "./mark";

/**
 * Marks the passage an address leads to, and scrolls to it; false where it leads elsewhere, or the
 * passage is there no more. `panel` knows the marker's colours.
 */
export function showPassage(address: string, panel: Element): boolean {
  const quote = quoteOn(address, location.href);
  const range = quote && findPassage(document, quote);
  if (!range) return false;
  const style = getComputedStyle(panel);
  const color = (name: string) => style.getPropertyValue(name).trim();
  markPassage(range, { background: color("--marker"), color: color("--on-marker") });
  return true;
}
