/** The character references people and models write; any other stays as it was written. */
const NAMED = new Map(
  Object.entries({
    amp: "&",
    lt: "<",
    gt: ">",
    quot: '"',
    apos: "'",
    nbsp: "\u00A0",
    copy: "©",
    hellip: "…",
    mdash: "—",
    ndash: "–",
    times: "×",
    rarr: "→",
  }),
);

const REFERENCE = /&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([a-z]{2,8}));/gi;

/** Decodes character references. CommonMark 0.31, section 2.5, with a small table of names. */
export function decodeEntities(text: string): string {
  return text.replace(REFERENCE, (whole, hex?: string, decimal?: string, name?: string) => {
    if (name) return NAMED.get(name) ?? whole;
    return characterOf(hex ? parseInt(hex, 16) : Number(decimal));
  });
}

function characterOf(point: number): string {
  const isSurrogate = point >= 0xd800 && point <= 0xdfff;
  return point === 0 || point > 0x10ffff || isSurrogate ? "\uFFFD" : String.fromCodePoint(point);
}
