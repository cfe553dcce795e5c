/** Text of simple HTML, as Defuddle writes it: one string per block, inline markup dissolved. */

/** Elements that stand in a line of text; every other one starts and ends a block. */
const INLINE = new Set(
  (
    "a abbr acronym b bdi bdo big button cite code data del dfn em font i ins kbd label mark math " +
    "q ruby rb rt rp s samp small span strike strong sub sup time tt u var wbr"
  ).split(" "),
);

/** Not text. */
const SILENT = new Set("script style template noscript svg audio video iframe object".split(" "));

/**
 * The blocks of text in some HTML, in order, none of them empty. White space is collapsed but in
 * `pre`. The HTML is parsed into a document of its own, where nothing runs and nothing loads.
 */
export function blocksOf(html: string): string[] {
  const blocks: string[] = [];
  let block = "";
  const end = (): void => {
    if (block.trim() !== "") blocks.push(block.trim());
    block = "";
  };
  const walk = (node: Node, isPreformatted: boolean): void => {
    if (node.nodeType === Node.TEXT_NODE) {
      const text = node.nodeValue ?? "";
      block += isPreformatted ? text : text.replace(/\s+/g, " ");
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    const name = (node as Element).localName;
    if (SILENT.has(name)) return;
    const isBlock = !INLINE.has(name);
    if (isBlock) end();
    for (const child of node.childNodes) walk(child, isPreformatted || name === "pre");
    if (isBlock) end();
  };
  walk(new DOMParser().parseFromString(html, "text/html").body, false);
  return blocks;
}
