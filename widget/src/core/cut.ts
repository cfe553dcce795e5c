/** Keeping a limit: where a text that is too long ends. */

/** What stands between blocks, and between selections. */
export const SEPARATOR = "\n\n";

/** How far before the limit a blank line may be for the cut to fall there. */
const BLOCK_REACH = 2_000;

/** The last block's end before the limit, else the limit, never inside a character. */
export function endWithin(text: string, limit: number): number {
  if (text.length <= limit) return text.length;
  if (limit <= 0) return 0;
  const block = text.lastIndexOf(SEPARATOR, limit);
  const end = block > 0 && block >= limit - BLOCK_REACH ? block : limit;
  return isHighSurrogate(text.charCodeAt(end - 1)) ? end - 1 : end;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** Half a character is not valid in JSON on every server: it becomes U+FFFD. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\uFFFD");
}
