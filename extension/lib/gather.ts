/** Reads a page where it stands. Runs in the page, so nothing but a script for pages imports it. */
import { readPage } from "@asklight/widget";
import { articleText } from "./article";
import type { GatheredPage } from "./gathered";

/** A page's address, title, text and headings. */
export function gatherPage(document: Document): GatheredPage {
  const isPdf = document.contentType === "application/pdf";
  const { url, title, content, headings } = readPage(document);
  return {
    url,
    title,
    content: isPdf ? null : articleText(document, content ?? "") || null,
    headings: [...(headings ?? [])],
    isPdf,
  };
}
