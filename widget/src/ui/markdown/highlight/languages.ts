/** The languages that are coloured, each loaded when it is first seen. */
import type { LanguageFn } from "highlight.js";

type Module = Promise<{ default: LanguageFn }>;

const LANGUAGES = {
  bash: () => import("highlight.js/lib/languages/bash"),
  c: () => import("highlight.js/lib/languages/c"),
  cpp: () => import("highlight.js/lib/languages/cpp"),
  csharp: () => import("highlight.js/lib/languages/csharp"),
  css: () => import("highlight.js/lib/languages/css"),
  diff: () => import("highlight.js/lib/languages/diff"),
  go: () => import("highlight.js/lib/languages/go"),
  java: () => import("highlight.js/lib/languages/java"),
  javascript: () => import("highlight.js/lib/languages/javascript"),
  json: () => import("highlight.js/lib/languages/json"),
  kotlin: () => import("highlight.js/lib/languages/kotlin"),
  php: () => import("highlight.js/lib/languages/php"),
  python: () => import("highlight.js/lib/languages/python"),
  ruby: () => import("highlight.js/lib/languages/ruby"),
  rust: () => import("highlight.js/lib/languages/rust"),
  shell: () => import("highlight.js/lib/languages/shell"),
  sql: () => import("highlight.js/lib/languages/sql"),
  swift: () => import("highlight.js/lib/languages/swift"),
  typescript: () => import("highlight.js/lib/languages/typescript"),
  xml: () => import("highlight.js/lib/languages/xml"),
  yaml: () => import("highlight.js/lib/languages/yaml"),
} satisfies Record<string, () => Module>;

type Name = keyof typeof LANGUAGES;

/** Other names people and models write behind a fence. */
const ALIASES = new Map<string, Name>([
  ["sh", "bash"],
  ["zsh", "bash"],
  ["console", "shell"],
  ["shellsession", "shell"],
  ["h", "c"],
  ["c++", "cpp"],
  ["cc", "cpp"],
  ["hpp", "cpp"],
  ["cs", "csharp"],
  ["c#", "csharp"],
  ["patch", "diff"],
  ["golang", "go"],
  ["js", "javascript"],
  ["jsx", "javascript"],
  ["mjs", "javascript"],
  ["cjs", "javascript"],
  ["jsonc", "json"],
  ["json5", "json"],
  ["kt", "kotlin"],
  ["py", "python"],
  ["python3", "python"],
  ["rb", "ruby"],
  ["rs", "rust"],
  ["ts", "typescript"],
  ["tsx", "typescript"],
  ["html", "xml"],
  ["svg", "xml"],
  ["xhtml", "xml"],
  ["yml", "yaml"],
]);

/** The name a language goes by here, or null where it is not known. */
export function nameOf(language: string): Name | null {
  if (Object.hasOwn(LANGUAGES, language)) return language as Name;
  return ALIASES.get(language) ?? null;
}

export async function loadLanguage(name: Name): Promise<LanguageFn> {
  const load: () => Module = LANGUAGES[name];
  return (await load()).default;
}
