/**
 * A source that is a passage of the page the panel stands on is shown there. Loaded with the first
 * one that is asked for.
 */
import { inSlices } from "../context/steps";
import type { Quote } from "./directive";
import { findPassage } from "./find";
import { markPassage } from "./mark";

/**
 * Marks a passage and scrolls to it; false where it is there no more. The page answers to its reader
 * while it is looked for. `panel` knows the marker's colours.
 */
export async function showPassage(quote: Quote, panel: Element): Promise<boolean> {
  const range = await inSlices(findPassage(document, quote));
  if (!range) return false;
  const style = getComputedStyle(panel);
  const color = (name: string) => style.getPropertyValue(name).trim();
  markPassage(range, { background: color("--marker"), color: color("--on-marker") });
  return true;
}
