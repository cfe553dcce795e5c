/** Rules of the source that a reader relies on. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const SOURCE = fileURLToPath(new URL("../../widget/src", import.meta.url));

const FILES = readdirSync(SOURCE, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name))
  .map((path) => ({ name: path.slice(SOURCE.length + 1), code: readFileSync(path, "utf8") }));

/** The source without its comments. */
function codeOf(code: string): string {
  return code.replace(/\/\*[^]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

function importsOf(code: string): string[] {
  return [...code.matchAll(/from "(\.[^"]+)"/g)].map(([, path]) => path ?? "");
}

describe("the widget's source", () => {
  test.each(FILES)("$name makes no markup of text and no code of it", ({ code }) => {
    expect(codeOf(code)).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|dangerouslySet|setHTML|\beval\b|new Function|setAttribute\("(style|on)/,
    );
  });

  test("core knows nothing of drawing or of reading pages, and reading nothing of drawing", () => {
    for (const { name, code } of FILES) {
      if (name.startsWith("core/")) expect(importsOf(code).join()).not.toMatch(/\/(ui|context)\//);
      if (name.startsWith("context/")) expect(importsOf(code).join()).not.toMatch(/\/ui\//);
    }
  });

  test("imports go one way: no module needs, by however many others, one that needs it", () => {
    const needs = new Map(
      FILES.map(({ name, code }) => [
        name.replace(/(\/index)?\.tsx?$/, ""),
        importsOf(code).map((path) => join(dirname(name), path)),
      ]),
    );
    const circles = [...needs.keys()].filter((name) => {
      const reached = new Set(needs.get(name));
      for (const next of reached) for (const one of needs.get(next) ?? []) reached.add(one);
      return reached.has(name);
    });
    expect(circles).toEqual([]);
  });

  test("only the store, the launcher and what signs a user out touch the page's storage", () => {
    const touching = FILES.filter(({ code }) =>
      /localStorage|sessionStorage|document\.cookie/.test(codeOf(code)),
    );
    expect(touching.map(({ name }) => name).sort()).toEqual([
      "core/signed-out.ts",
      "core/storage.ts",
      "hidden.ts",
    ]);
  });

  test("only one module calls fetch", () => {
    const calling = FILES.filter(({ code }) => /\bfetch\(|nativeFetch\b/.test(codeOf(code)));
    expect(calling.map(({ name }) => name).sort()).toEqual(["core/http.ts", "core/natives.ts"]);
  });

  test("what draws answers is loaded on demand: nothing outside imports it, but its types", () => {
    for (const { name, code } of FILES.filter(({ name }) => !name.startsWith("ui/markdown/"))) {
      const imported = [...codeOf(code).matchAll(/^import (?!type )[^;]*from "([^"]+)"/gm)];
      const drawing = imported.filter(([, path]) =>
        /\/markdown\/(?!load$)|passage\//.test(path ?? ""),
      );
      const own = name.startsWith("passage/") ? [] : drawing;
      expect([name, own.map(([, path]) => path)]).toEqual([name, []]);
      expect([name, /"(marked|highlight\.js)/.test(code)]).toEqual([name, false]);
    }
  });

  test("only these modules touch the stylesheets of a tree, and the page's highlights", () => {
    const touching = (what: RegExp) => FILES.filter(({ code }) => what.test(codeOf(code)));
    expect(
      touching(/adoptedStyleSheets/)
        .map(({ name }) => name)
        .sort(),
    ).toEqual([
      "ask.ts",
      "context/marks.ts",
      "launcher.ts",
      "look.ts",
      "owner/docked.ts",
      "owner/element.ts",
      "passage/mark.ts",
      "ui/chats/styles.ts",
      "ui/markdown/styles.ts",
      "ui/surface.ts",
    ]);
    expect(
      touching(/CSS\.highlights/)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["context/marks.ts", "passage/mark.ts"]);
  });

  test("no file is longer than one job", () => {
    for (const { name, code } of FILES)
      expect([name, code.split("\n").length < 330]).toEqual([name, true]);
  });
});
