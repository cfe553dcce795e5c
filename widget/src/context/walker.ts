/**
 * The visible text of a page, its blocks set apart by blank lines. Never part of it: form fields
 * and what was typed into them, hidden text, anything under `[data-asklight-ignore]`, and the
 * landmarks people navigate by. Open shadow roots and frames of the same origin are walked; closed
 * ones and other frames cannot be. What is hidden from screen readers alone is seen, and stays.
 */
import { atOnce, type Steps } from "./steps";
import { sightOf } from "./visibility";
import { Walk } from "./walk";

/** Not text, or text someone typed. */
const SILENT =
  "script,style,noscript,template,head,svg,canvas,object,embed,audio,video,progress,meter," +
  "input,textarea,select,datalist,button,[role=button],[role=textbox],[role=searchbox]," +
  "[data-asklight-ignore],asklight-widget";

/** Left out of a selection too: whatever else a person selects, they mean. */
const NEVER =
  "script,style,noscript,template,head,object,embed,audio,video,input,textarea,select,datalist," +
  "[data-asklight-ignore],asklight-widget";

/** What a person writes, unless it is what the page's author chose to be read. */
const WRITTEN = "[contenteditable]:not([contenteditable=false])";

const NAVIGATION = "nav,[role=navigation],[role=search],[role=menu],[role=menubar],search";

/** A header or footer of the whole page; inside an article or section it belongs to the text. */
const PAGE_EDGE = "header,footer,[role=banner],[role=contentinfo]";
const SECTIONING = "article,section,main,[role=main],[role=article]";

/** With less than this in the marked main part, the page's author marked something else. */
const MAIN_LENGTH = 200;

/** More of a page is not gathered: ten times what is sent, so that it can be said what was cut. */
const PAGE_LENGTH = 1_000_000;

/** More of a selection is not gathered. */
const SELECTION_LENGTH = 50_000;

/** Text, and how many characters beside it nobody sees. */
export interface Seen {
  text: string;
  hidden: number;
}

/** The text of an element, or of a document's main part. */
export function visibleText(root: Element | Document): string {
  return atOnce(gather(root)).text;
}

/** The same in steps. */
export function* gather(root: Element | Document): Steps<Seen> {
  if (!("documentElement" in root)) return yield* gatherElement(root);
  const body = bodyOf(root);
  if (!body) return { text: "", hidden: 0 };
  const main = mainPart(root);
  const found = main ? yield* gatherElement(main) : { text: "", hidden: 0 };
  if (found.text.length >= MAIN_LENGTH) return found;
  const whole = yield* gatherElement(body);
  return whole.text.length > 2 * found.text.length ? whole : found;
}

/** The beginning of an element's text. */
export function visibleTextUpTo(element: Element, limit: number): string {
  return atOnce(gatherElement(element, limit)).text;
}

/** What a person sees of a range; `isWhole`: nothing more was in it than was gathered. */
export function visibleTextIn(range: Range): { text: string; isWhole: boolean } {
  const node = range.commonAncestorContainer;
  const root = node.nodeType === Node.ELEMENT_NODE ? (node as Element) : node.parentElement;
  if (!root || isInsideHidden(root)) return { text: "", isWhole: true };
  const isLeftOut = (element: Element) => element.matches(NEVER);
  const walk = new Walk(root, { isLeftOut, range, limit: SELECTION_LENGTH });
  while (walk.step());
  return { text: walk.writer.toString(), isWhole: !walk.writer.isFull };
}

function isInsideHidden(element: Element): boolean {
  for (let around = element.parentElement; around; around = around.parentElement)
    if (sightOf(getComputedStyle(around), null) === "none") return true;
  return false;
}

/** Not the document's own property, which an image of that name stands in for. */
export function bodyOf(document: Document): Element | null {
  return document.querySelector("body,frameset");
}

function mainPart(document: Document): Element | null {
  const main = document.querySelector("main:not([hidden]),[role=main]");
  if (main) return main;
  const articles = document.querySelectorAll("article");
  return articles.length === 1 ? (articles[0] ?? null) : null;
}

function* gatherElement(root: Element, limit = PAGE_LENGTH): Steps<Seen> {
  const isLeftOut = (element: Element) => isSilent(element, root);
  const walk = new Walk(root, { isLeftOut, limit });
  while (walk.step()) yield;
  return { text: walk.writer.toString(), hidden: walk.hidden };
}

function isSilent(element: Element, root: Element): boolean {
  if (element.matches(SILENT)) return true;
  if (element === root) return false;
  if (element.matches(WRITTEN) || element.matches(NAVIGATION)) return true;
  return element.matches(PAGE_EDGE) && !element.closest(SECTIONING);
}
