/** Every language says everything, in its own words; and which one is chosen. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  count,
  english,
  failureWords,
  languageFor,
  timeLeft,
  type Counted,
  type Language,
} from "../../widget/src/core/words";
import { en as enPanel } from "../../widget/src/core/words/en";
import { enChats } from "../../widget/src/core/words/en-chats";
import { pick, run as nameLauncher, TAGS, type Named } from "../../widget/src/core/words/spoken";

/** All that is said in English. */
const en = { ...enPanel, ...enChats };

const OTHERS = TAGS.filter((tag) => tag !== "en");

const FILES = import.meta.glob<{ words: Record<string, string | Counted> }>(
  "../../widget/src/core/words/*.ts",
);

/** What is the same word in both languages. */
const SAME: Record<string, string[]> = {
  da: ["send", "stop"],
  fr: ["assistant", "conversation", "sources"],
  id: ["edit"],
  it: ["privacy"],
  nb: ["send"],
  nl: ["privacy"],
};

/** Every whole number falls into one of the categories these fall into, but for the millions of some. */
const NUMBERS = [...Array(1_001).keys(), 10_000, 100_000];

beforeEach(() => {
  vi.stubGlobal("document", { documentElement: { lang: "" } });
  vi.stubGlobal("navigator", { languages: [] });
});

afterEach(() => void vi.unstubAllGlobals());

async function wordsOf(tag: string): Promise<Record<string, string | Counted>> {
  const file = FILES[`../../widget/src/core/words/${tag}.ts`];
  if (!file) throw new Error(`There is no file for ${tag}`);
  return (await file()).words;
}

function formsOf(words: string | Counted): string[] {
  return typeof words === "string" ? [words] : Object.values(words);
}

function placeholdersOf(sentence: string): string[] {
  return [...sentence.matchAll(/\{(\w+)\}/g)].map(([whole]) => whole).sort();
}

describe.each(OTHERS)("%s", (tag) => {
  test("says all that English says, and nothing else", async () => {
    expect(Object.keys(await wordsOf(tag)).sort()).toEqual(Object.keys(en).sort());
  });

  test("has a text for everything, without stray blanks and without an exclamation mark", async () => {
    for (const [name, words] of Object.entries(await wordsOf(tag)))
      for (const form of formsOf(words))
        expect([name, form]).toEqual([
          name,
          expect.stringMatching(/^(?![\s\S]*[!！])\S(?:[\s\S]*\S)?$/),
        ]);
  });

  test("names the values that English names, each once", async () => {
    const words = await wordsOf(tag);
    for (const [name, original] of Object.entries(en)) {
      const wanted = placeholdersOf(formsOf(original).at(-1) ?? "");
      for (const [category, form] of Object.entries(
        typeof words[name] === "object" ? words[name] : { only: words[name] ?? "" },
      )) {
        // "One character" and "two characters" are words in some languages.
        const isOne = category === "one" || category === "two";
        const given = placeholdersOf(form);
        expect([name, category, given]).toEqual([
          name,
          category,
          isOne && !given.length ? [] : wanted,
        ]);
      }
    }
  });

  test("has a form for every kind of count it knows, and at most one kind takes the last form", async () => {
    const rules = new Intl.PluralRules(tag);
    const needed = new Set<string>(NUMBERS.map((n) => rules.select(n)));
    for (const [name, words] of Object.entries(await wordsOf(tag))) {
      if (typeof words === "string") continue;
      const given = Object.keys(words);
      const missing = [...needed].filter((category) => !given.includes(category));
      const unused = given.filter((category) => category !== "other" && !needed.has(category));
      expect([name, unused]).toEqual([name, []]);
      expect([name, missing.length, missing]).toEqual([name, needed.has("other") ? 0 : 1, missing]);
    }
  });

  test("leaves nothing in English", async () => {
    const words = await wordsOf(tag);
    const left = Object.entries(en).filter(
      ([name, original]) =>
        name !== "direction" &&
        formsOf(words[name] ?? "").some((form) => formsOf(original).includes(form)),
    );
    expect(left.map(([name]) => name).sort()).toEqual([...(SAME[tag] ?? [])].sort());
  });

  test("is written in its own script, from its own side", async () => {
    const { script = "" } = new Intl.Locale(tag).maximize();
    const scripts = { Jpan: "Hira", Kore: "Hang", Hans: "Hani", Hant: "Hani" } as const;
    const own = new RegExp(`\\p{Script=${scripts[script as keyof typeof scripts] ?? script}}`, "u");
    const { direction, welcome, failed } = await wordsOf(tag);
    expect(direction).toBe(["Arab", "Hebr"].includes(script) ? "rtl" : "ltr");
    expect([welcome, failed].every((sentence) => own.test(`${sentence}`))).toBe(true);
  });

  test("is loaded, and speaks with its own numbers and times", async () => {
    const language = await languageFor([tag]);
    expect(language.tag).toBe(tag);
    const limited = {
      kind: "limited",
      retryAfter: 20,
      until: null,
      field: null,
      reason: null,
    } as const;
    for (const said of [
      count(language, language.words.characters, 1_234),
      failureWords(language, limited, true),
      timeLeft(language, 18_000),
    ])
      expect(said).not.toMatch(/[{}]|undefined/);
    expect(failureWords(language, limited, true)).toContain(
      new Intl.RelativeTimeFormat(tag).format(20, "second"),
    );
  });

  test("names the launcher", () => {
    const launcher = fakeLauncher(tag);
    const before = said(launcher);
    nameLauncher(launcher);
    const after = [...said(launcher), launcher.words?.hidden ?? "", launcher.words?.failed ?? ""];
    expect(new Set(after).size).toBe(after.length);
    expect(after.filter((words) => before.includes(words) || !words)).toEqual([]);
    expect([launcher.corner.lang, launcher.bar.lang]).toEqual([tag, tag]);
  });
});

function fakeLauncher(lang: string): Named {
  const [corner, disc, hide, bar] = ["div", "button", "button", "div"].map((name) => ({
    ...{ localName: name, lang: "", ariaLabel: `${name} in English`, title: "" },
    firstChild: { textContent: "Ask about this" },
  })) as unknown as [HTMLElement, HTMLElement, HTMLElement, HTMLElement];
  return { data: { lang }, corner, disc, hide, bar };
}

function said({ disc, hide, bar }: Named): string[] {
  return [disc.ariaLabel ?? "", hide?.ariaLabel ?? "", bar.firstChild?.textContent ?? ""];
}

describe("the choice", () => {
  test.each([
    ["de", "de"],
    ["de-AT", "de"],
    ["de_CH", "de"],
    ["DE", "de"],
    ["pt", "pt-BR"],
    ["pt-BR", "pt-BR"],
    ["pt-PT", "pt-BR"],
    ["zh", "zh-Hans"],
    ["zh-CN", "zh-Hans"],
    ["zh-SG", "zh-Hans"],
    ["zh-TW", "zh-Hant"],
    ["zh-HK", "zh-Hant"],
    ["zh-Hant-CN", "zh-Hant"],
    ["no", "nb"],
    ["nn-NO", "nb"],
    ["nb", "nb"],
    ["iw", "he"],
    ["in", "id"],
    ["fa-AF", "fa"],
    ["en-GB", "en"],
    ["sw", "en"],
    ["", "en"],
    ["constructor", "en"],
    ["x-klingon", "en"],
    ["not a tag", "en"],
  ])("for %j is %s", (tag, expected) => {
    expect(pick([tag])).toBe(expected);
  });

  test("goes by the first that is spoken here", () => {
    expect(pick(["sw", "not a tag", "fr-CA", "de"])).toBe("fr");
    expect(pick(["sw", "en-GB", "de"])).toBe("en");
    expect(pick([])).toBe("en");
  });

  test.each([[[]], [["en"]], [["en-GB", "de"]], [["sw", "en", "de"]]])(
    "of %j gives English",
    async (wanted) => {
      expect(await languageFor(wanted)).toBe(english);
    },
  );

  test("the launcher stays as it is where English is the language", () => {
    const launcher = fakeLauncher("en-GB");
    const before = said(launcher);
    nameLauncher(launcher);
    expect([said(launcher), launcher.words]).toEqual([before, undefined]);
  });
});

describe("a language whose words do not come", () => {
  test("is English instead, and the console says so", async () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    vi.doMock("../../widget/src/core/words/sv", () => {
      throw new Error("no network");
    });
    vi.resetModules();
    const fresh = await import("../../widget/src/core/words");
    const language: Language = await fresh.languageFor(["sv"]);
    expect(language).toBe(fresh.english);
    expect(warn).toHaveBeenCalledOnce();
    vi.doUnmock("../../widget/src/core/words/sv");
    warn.mockRestore();
  });

  test("is not waited for", async () => {
    vi.useFakeTimers();
    vi.doMock("../../widget/src/core/words/languages", () => ({
      load: () => new Promise(() => {}),
    }));
    vi.resetModules();
    const fresh = await import("../../widget/src/core/words");
    const waiting = fresh.languageFor(["sv"]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await waiting).toBe(fresh.english);
    vi.doUnmock("../../widget/src/core/words/languages");
    vi.useRealTimers();
  });
});
