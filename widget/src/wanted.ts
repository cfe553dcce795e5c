/** Which languages are wanted on a page, the most wanted first. */

/** What the page's author said, else the page's own language, else the visitor's. */
export function wantedLanguages(lang: string | undefined): string[] {
  return [lang ?? "", document.documentElement.lang, ...navigator.languages].filter(Boolean);
}
