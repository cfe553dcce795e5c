/** The words of a language, and how values are put into them. */
import type { Failure } from "../failure";
import { en } from "./en";
import type { enChats } from "./en-chats";

/** A sentence that depends on a count, by the plural categories of the language. */
export type Counted = { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>;

/** What the panel says: English is the measure. */
export type Words = Spoken<typeof en>;

/** What a language must provide: what the list of chats says, too. */
export type AllWords = Spoken<typeof en & typeof enChats>;

type Spoken<English> = {
  [Name in keyof English]: English[Name] extends string ? English[Name] : Counted;
};

/**
 * Names that English has and the other languages do not yet: `"newChat" | "close"`. Whoever adds words
 * to English names them here, and takes them out once they stand in every file; a test asks for it.
 */
type Untranslated = never;

/** What a file of a language holds. */
export type Translation = Omit<AllWords, Untranslated>;

export interface Language {
  /** BCP 47, for `lang` attributes and numbers. */
  tag: string;
  words: Words;
}

export const english: Language = { tag: "en", words: en };

/** Words that have not come by then are not waited for. */
const PATIENCE_MS = 4_000;

/**
 * The language for the first of the wanted tags (BCP 47) that is spoken here; English where none is,
 * and where its words do not come. Nothing is loaded for English.
 */
export async function languageFor(wanted: readonly string[]): Promise<Language> {
  if (!wanted[0] || /^en\b/i.test(wanted[0])) return english;
  const words = import("./languages").then(({ load }) => load(wanted));
  const late = new Promise<Language>((resolve) => setTimeout(resolve, PATIENCE_MS, english));
  return Promise.race([words, late]).catch((error: unknown) => {
    console.warn("Asklight: in English, since another language did not load", error);
    return english;
  });
}

/** Puts values in place of `{name}`. */
export function fill(sentence: string, values: Record<string, string>): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** A number in the language's digits. The first of a page takes the browser a while. */
export function inDigits({ tag }: Language, n: number): string {
  return new Intl.NumberFormat(tag).format(n);
}

/** The form of a sentence for a count, with the count in the language's digits. */
export function count(language: Language, sentence: Counted, n: number): string {
  const form = sentence[new Intl.PluralRules(language.tag).select(n)] ?? sentence.other;
  return fill(form, { n: inDigits(language, n) });
}

/** What to tell a person about a question that was not accepted. */
export function failureWords(language: Language, failure: Failure, isOnline: boolean): string {
  const { words } = language;
  const isSilent = failure.kind === "dropped" || failure.kind === "unreachable";
  if (isSilent && !isOnline) return words.offline;
  if (failure.kind === "limited" && failure.retryAfter !== null)
    return fill(words.limitedFor, { when: timeAhead(language, failure.retryAfter) });
  if (failure.kind === "invalid" && failure.field !== null)
    return fill(words.invalidField, { field: failure.field });
  return words[failure.kind];
}

/** "Again in 0:18", for a countdown. */
export function timeLeft({ tag, words }: Language, milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1_000);
  const two = new Intl.NumberFormat(tag, { minimumIntegerDigits: 2 });
  const whole = new Intl.NumberFormat(tag, { useGrouping: false });
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  const parts = [hours ? two.format(minutes) : whole.format(minutes), two.format(seconds % 60)];
  const time = [...(hours ? [whole.format(hours)] : []), ...parts].join(":");
  return fill(words.waitFor, { time });
}

/** "in 20 seconds", "in 3 minutes", "in 2 hours": rounded up, so that it is never too early. */
function timeAhead({ tag }: Language, seconds: number): string {
  const format = new Intl.RelativeTimeFormat(tag);
  if (seconds <= 90) return format.format(Math.max(1, Math.ceil(seconds)), "second");
  if (seconds <= 5_400) return format.format(Math.ceil(seconds / 60), "minute");
  return format.format(Math.ceil(seconds / 3_600), "hour");
}
