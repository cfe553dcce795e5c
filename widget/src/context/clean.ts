/**
 * Characters no reader sees and an attacker can write with: zero-width space, word joiner and
 * invisible operators, byte order mark, bidirectional embeddings, overrides and isolates, soft
 * hyphen, and the tag block. The joiners U+200C and U+200D stay: scripts and emoji need them.
 */
const INVISIBLE =
  /[\u00AD\u200B\u2060-\u2064\uFEFF\u202A-\u202E\u2066-\u2069]|\u{E0001}|[\u{E0020}-\u{E007F}]/gu;

/** Takes out what no reader sees; everything else stays as it is. */
export function withoutInvisible(text: string): string {
  return text.replace(INVISIBLE, "");
}

/** A title or a label: one line, single spaces. */
export function oneLine(text: string): string {
  return withoutInvisible(text).replace(/\s+/g, " ").trim();
}
