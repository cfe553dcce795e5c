/** Questions that are asked at once about a selection: ours, and the owner's own. */
import { fill, type Words } from "./words";

export interface QuickAction {
  /** What the button says. */
  label: string;
  /** What is asked when it is pressed. */
  question: string;
}

/** More than this does not fit beside a selection; the rest is left away. */
const ACTIONS = 6;
/** A label of more than 30 characters, and what is kept of it: whole words where it has any. */
const TOO_LONG = /^(?=.{31})(.{0,28}\S(?=\s)|.{29}).*/s;

/** Explain, summarise and, where the page is in another language than its visitor, translate. */
function ownActions(words: Words, page: string, visitor: string): Record<string, QuickAction> {
  const isForeign = baseOf(page) !== baseOf(visitor);
  const language = isForeign && nameOf(visitor);
  return {
    explain: { label: words.explain, question: words.suggestExplain },
    summarise: { label: words.summarise, question: words.suggestShorten },
    ...(language && {
      translate: { label: words.translate, question: fill(words.suggestTranslate, { language }) },
    }),
  };
}

/**
 * The actions for a page. `wanted` is the owner's `data-actions`: a JSON list of the names `explain`,
 * `summarise` and `translate` and of `{label, question}`, in the order they are to stand. Without it
 * all three are there; an empty list is none. `page` and `visitor` are language tags.
 */
export function quickActions(
  words: Words,
  wanted: string | undefined,
  page: string,
  visitor: string,
): QuickAction[] {
  const own = ownActions(words, page, visitor);
  const list = wanted === undefined ? null : parsed(wanted);
  if (!list) return Object.values(own);
  return list.flatMap((entry) => actionOf(entry, own) ?? []).slice(0, ACTIONS);
}

function parsed(wanted: string): unknown[] | null {
  try {
    const list: unknown = JSON.parse(wanted);
    if (Array.isArray(list)) return list;
  } catch {
    // Said below, as for a value that is no list.
  }
  console.warn(`Asklight: data-actions is not a JSON list: ${wanted}`);
  return null;
}

function actionOf(entry: unknown, own: Record<string, QuickAction>): QuickAction | null {
  if (typeof entry === "string") return Object.hasOwn(own, entry) ? (own[entry] ?? null) : null;
  if (typeof entry !== "object" || entry === null) return null;
  const { label, question } = entry as Record<string, unknown>;
  if (typeof label !== "string" || typeof question !== "string") return null;
  if (!label.trim() || !question.trim()) return null;
  return { label: label.trim().replace(TOO_LONG, "$1…"), question: question.trim() };
}

function baseOf(tag: string): string {
  return tag.toLowerCase().split("-")[0] ?? "";
}

/** The language's own name, which the assistant and its reader both understand. */
function nameOf(tag: string): string | null {
  try {
    return new Intl.DisplayNames([tag], { type: "language" }).of(baseOf(tag)) ?? null;
  } catch {
    return null;
  }
}
