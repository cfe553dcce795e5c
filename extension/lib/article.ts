/**
 * The text of a page's article. Defuddle finds it better than the walker does and gives nothing
 * on forms and little on some other pages; the walker finds too much rather than too little. So:
 * Defuddle's text, or the walker's where Defuddle's is under half of it (measured on 510 labelled
 * pages: F1 .874, against .871 and .833 for either alone).
 *
 * Defuddle chooses, the walker vouches: where Defuddle finds little it looks among hidden
 * elements too, and it does not know what a page's owner keeps out. A block of it counts only
 * where the walker saw the same words on the page.
 */
import { visibleText } from "@asklight/widget";
import Defuddle from "defuddle";
import { blocksOf } from "./blocks";

/** The better of two texts of one page. */
export function betterText(article: string, walked: string): string {
  return article.length * 2 < walked.length ? walked : article;
}

/** What is left to compare of a text when white space and invisible characters are away. */
function bare(text: string): string {
  return text.replace(/[\s\p{Cf}]+/gu, "");
}

/** The blocks whose words a reader can see on the page. */
export function vouched(blocks: readonly string[], visible: string): string[] {
  const seen = bare(visible);
  return blocks.filter((block) => seen.includes(bare(block)));
}

/** The page's article in blocks, or none where Defuddle fails on the page. */
function articleBlocks(document: Document): string[] {
  try {
    // `parse` works on a copy of the page and, unlike `parseAsync`, asks no other server.
    return blocksOf(new Defuddle(document, { url: document.location.href }).parse().content);
  } catch (error) {
    console.warn("Asklight: Defuddle could not read this page; the plain text is used.", error);
    return [];
  }
}

/** The text to send of a page, its blocks set apart by blank lines. `walked` is the walker's. */
export function articleText(document: Document, walked: string): string {
  const visible = document.body ? visibleText(document.body) : "";
  const article = vouched(articleBlocks(document), visible).join("\n\n");
  return betterText(article, walked);
}
