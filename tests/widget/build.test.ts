import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const WIDGET = fileURLToPath(new URL("../../widget", import.meta.url));
const LOADER_BYTES = 2_500;
const ASK_BYTES = 9_000;

/** What `Asklight(command, …)` does, and the element without the panel it shows. */
const COMMANDS_BYTES = 2_700;
const ELEMENT_BYTES = 2_200;

/** The first open: the panel or the chat, with all it imports. */
const PANEL_BYTES = 30_000;

/** What comes later, each with all it imports that the panel has not loaded already. */
const LATER_BYTES = {
  "answer-drawing": 21_000,
  chats: 4_700,
  highlight: 10_000,
  "live-chat": 9_200,
  people: 1_000,
  show: 2_000,
};

/** What comes right after the launcher; and on pages of another language than English with what it says in each. */
const LOOK_BYTES = 1_050;
const NAMED_BYTES = 3_600;

/** The panel's words in one language. */
const WORDS_BYTES = 3_500;

/** One language's rules for colouring code. */
const LANGUAGE_BYTES = 4_500;

const folders = [0, 1].map(() => mkdtempSync(join(tmpdir(), "asklight-build-")));
const [folder = ""] = folders;

beforeAll(() => {
  for (const target of folders)
    execFileSync("npm", ["run", "build"], {
      cwd: WIDGET,
      env: { ...process.env, NODE_ENV: "production", ASKLIGHT_STATIC: target },
    });
}, 60_000);

afterAll(() => {
  for (const target of folders) rmSync(target, { recursive: true });
});

function files(root: string): [string, string][] {
  const names = readdirSync(root, { recursive: true, withFileTypes: true });
  return names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => [path.slice(root.length), readFileSync(path, "utf8")]);
}

type Name = "version" | "panel" | "chat" | "ask" | "commands" | "element" | "embed" | "integrity";

function names(): Record<Name, string> {
  return JSON.parse(readFileSync(join(folder, "build.json"), "utf8")) as Record<Name, string>;
}

function brotli(path: string): number {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
  return brotliCompressSync(readFileSync(join(folder, path)), { params }).length;
}

/** A module and all it imports when it is loaded. */
function loaded(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const [, name] of code(path).matchAll(/(?:import|from)\s*["'`]\.\/([\w.-]+\.js)["'`]/g))
    loaded(`assets/${name}`, seen);
  return seen;
}

function code(path: string): string {
  return readFileSync(join(folder, path), "utf8");
}

function sizeOf(modules: Iterable<string>): number {
  return [...modules].reduce((sum, path) => sum + brotli(path), 0);
}

/** The modules a module loads when it needs them. */
function loadedLater(path: string): string[] {
  const names = [...code(path).matchAll(/import\(\s*["'`]\.\/([\w.-]+\.js)["'`]\s*\)/g)];
  return names.map(([, name]) => `assets/${name}`);
}

/** The one module of a name that any of the modules loads when it needs it. */
function later(name: keyof typeof LATER_BYTES | "languages", modules: Iterable<string>): string {
  const found = [...modules].flatMap(loadedLater).filter((path) => path.includes(`/${name}-`));
  expect(new Set(found).size).toBe(1);
  return found[0] ?? "";
}

describe("what a visitor loads", () => {
  test("the launcher keeps its size", () => {
    expect(brotli("embed.js")).toBeLessThanOrEqual(LOADER_BYTES);
  });

  test.each(["panel", "chat"] as const)("the %s, with all it needs, keeps its size", (entry) => {
    const total = sizeOf(loaded(names()[entry]));
    expect(total).toBeGreaterThan(10_000);
    expect(total).toBeLessThanOrEqual(PANEL_BYTES);
  });

  test("the launcher's other languages are one small module, and each language of the panel is another", () => {
    for (const [path, limit] of [
      ["look.js", LOOK_BYTES],
      ["named.js", NAMED_BYTES],
    ] as const) {
      expect([...loaded(path)]).toEqual([path]);
      expect(code(path)).not.toContain("import(");
      expect(brotli(path)).toBeLessThanOrEqual(limit);
    }
    expect(code("embed.js")).toMatch(/look.*\.js\?site=/);
    const chooser = later("languages", loaded(names().panel));
    const words = loadedLater(chooser);
    expect(words.length).toBeGreaterThan(20);
    for (const path of words) expect([path, brotli(path) <= WORDS_BYTES]).toEqual([path, true]);
    const panel = [...loaded(names().panel), ...loaded(names().ask)];
    expect(words.filter((path) => panel.includes(path))).toEqual([]);
  });

  test("what comes with the first selection keeps its size", () => {
    const total = sizeOf(loaded(names().ask));
    expect(total).toBeGreaterThan(1_000);
    expect(total).toBeLessThanOrEqual(ASK_BYTES);
  });

  test("what the page's own commands need keeps its size, and so does the element", () => {
    const sizes = [names().commands, names().element].map((entry) => sizeOf(loaded(entry)));
    expect(Math.min(...sizes)).toBeGreaterThan(1_000);
    expect(sizes[0]).toBeLessThanOrEqual(COMMANDS_BYTES);
    expect(sizes[1]).toBeLessThanOrEqual(ELEMENT_BYTES);
  });

  test("what draws answers, and what colours code, come later and keep their sizes", () => {
    const panel = loaded(names().panel);
    const drawing = later("answer-drawing", panel);
    const highlight = later("highlight", loaded(drawing));
    const isNew = (path: string) => !panel.has(path);
    const sizes = {
      "answer-drawing": sizeOf([...loaded(drawing)].filter(isNew)),
      highlight: sizeOf([...loaded(highlight)].filter((path) => isNew(path) && path !== drawing)),
    };
    for (const name of ["answer-drawing", "highlight"] as const) {
      expect(sizes[name]).toBeGreaterThan(5_000);
      expect(sizes[name]).toBeLessThanOrEqual(LATER_BYTES[name]);
    }
    const languages = loadedLater(highlight);
    expect(languages.length).toBeGreaterThan(12);
    for (const path of languages)
      expect([path, brotli(path) <= LANGUAGE_BYTES]).toEqual([path, true]);
  });

  test("what finds a passage on the page comes when one is asked for", () => {
    const panel = loaded(names().panel);
    const drawing = loaded(later("answer-drawing", panel));
    const isNew = (path: string) => !panel.has(path) && !drawing.has(path);
    const size = sizeOf([...loaded(later("show", drawing))].filter(isNew));
    expect(size).toBeGreaterThan(1_000);
    expect(size).toBeLessThanOrEqual(LATER_BYTES.show);
  });

  test("what sends questions and reads answers comes with the first word the visitor writes", () => {
    for (const entry of ["panel", "chat"] as const) {
      const panel = loaded(names()[entry]);
      const live = later("live-chat", panel);
      const people = later("people", loaded(live));
      const isNew = (path: string) => !panel.has(path);
      const chat = sizeOf([...loaded(live)].filter(isNew));
      expect(chat).toBeGreaterThan(4_000);
      expect(chat).toBeLessThanOrEqual(LATER_BYTES["live-chat"]);
      const isNewer = (path: string) => isNew(path) && !loaded(live).has(path);
      expect(sizeOf([...loaded(people)].filter(isNewer))).toBeLessThanOrEqual(LATER_BYTES.people);
    }
  });

  test("the list of chats comes when it is opened", () => {
    for (const entry of ["panel", "chat"] as const) {
      const panel = loaded(names()[entry]);
      const list = [...loaded(later("chats", panel))].filter((path) => !panel.has(path));
      expect(sizeOf(list)).toBeGreaterThan(2_000);
      expect(sizeOf(list)).toBeLessThanOrEqual(LATER_BYTES.chats);
    }
  });

  test("what is loaded later is loaded by nothing but import: no links of Vite's in the page", () => {
    for (const path of loaded(names().panel))
      expect([path, /preloadError|"stylesheet"|`stylesheet`/.test(code(path))]).toEqual([
        path,
        false,
      ]);
  });

  test("nothing that draws answers comes with the panel", () => {
    for (const entry of ["panel", "chat"] as const)
      for (const path of loaded(names()[entry]))
        expect(code(path)).not.toMatch(/thead|code-bar|endsWithBlankLine/);
  });

  test("the launcher loads the panel of its own build, and what stands at a selection", () => {
    const script = code("embed.js");
    expect(script).toContain(names().panel);
    expect(script).toContain(names().ask);
    expect(script).toContain(names().commands);
  });

  test("the launcher stands under a name of its build too, with what a page can check it by", () => {
    const { embed, integrity, version } = names();
    expect(embed).toMatch(
      new RegExp(`^assets/embed-${version.replaceAll(".", "\\.")}-[0-9a-f]{12}\\.js$`),
    );
    expect(code(embed)).toBe(code("embed.js"));
    const digest = createHash("sha384").update(code(embed)).digest("base64");
    expect(integrity).toBe(`sha384-${digest}`);
  });

  test("the element's own address leads to the module of this build", () => {
    expect(code("element.js")).toBe(`import "./${names().element}";\n`);
    expect(code(names().element)).toContain(names().panel);
  });

  test("the launcher is a classic script that leaves one name behind", () => {
    const script = code("embed.js");
    expect(script).not.toMatch(/^\s*(import|export)\b/m);
    expect(script).toMatch(/^\(function\(\)\{|^\(\(\)=>\{|^!function/);
  });

  test("two builds give the same bytes", () => {
    const [first = [], second = []] = folders.map(files);
    expect(first.map(([name]) => name)).toEqual(second.map(([name]) => name));
    expect(first).toEqual(second);
  });
});
