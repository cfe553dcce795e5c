/** Questions to start with, made from what will be sent. */
import { fill, type Words } from "./words";

/** A longer heading is a sentence, and a shorter one says nothing. */
const HEADING_LENGTH = { least: 4, most: 70 };
const COUNT = 3;

/** Three questions at most: about the passage, or about the page's main points and its sections. */
export function suggestQuestions(
  subject: "selection" | "page" | "nothing",
  headings: readonly string[],
  words: Words,
): string[] {
  if (subject === "nothing") return [];
  if (subject === "selection")
    return [words.suggestExplain, words.suggestShorten, words.suggestMatter];
  const fitting = headings.filter(
    ({ length }) => length >= HEADING_LENGTH.least && length <= HEADING_LENGTH.most,
  );
  const questions = [...new Set(fitting)].map((heading) => fill(words.suggestHeading, { heading }));
  return [words.suggestSummary, ...questions].slice(0, COUNT);
}
