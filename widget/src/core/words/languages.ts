/**
 * Every language but English, which is in the panel. Loaded for a page or a visitor of another one;
 * each language's words are a file of their own and loaded alone.
 */
import { english, type Language, type Translation } from "./index";
import { pick, type OtherTag } from "./spoken";

const FILES: Record<OtherTag, () => Promise<{ words: Translation }>> = {
  ar: () => import("./ar"),
  cs: () => import("./cs"),
  da: () => import("./da"),
  de: () => import("./de"),
  es: () => import("./es"),
  fa: () => import("./fa"),
  fi: () => import("./fi"),
  fr: () => import("./fr"),
  he: () => import("./he"),
  hi: () => import("./hi"),
  id: () => import("./id"),
  it: () => import("./it"),
  ja: () => import("./ja"),
  ko: () => import("./ko"),
  nb: () => import("./nb"),
  nl: () => import("./nl"),
  pl: () => import("./pl"),
  "pt-BR": () => import("./pt-BR"),
  ru: () => import("./ru"),
  sv: () => import("./sv"),
  tr: () => import("./tr"),
  uk: () => import("./uk"),
  vi: () => import("./vi"),
  "zh-Hans": () => import("./zh-Hans"),
  "zh-Hant": () => import("./zh-Hant"),
};

/** The language for the first of the wanted tags that is spoken here. */
export async function load(wanted: readonly string[]): Promise<Language> {
  const tag = pick(wanted);
  if (tag === "en") return english;
  const { words } = await FILES[tag]();
  // What a language does not say yet is said in English.
  return { tag, words: { ...english.words, ...words } };
}
