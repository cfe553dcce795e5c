import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../../extension");

/** Every source file of the extension with its text, by its path from there. */
const SOURCES = new Map(
  ["lib", "entrypoints", "wxt.config.ts"]
    .flatMap((name) =>
      name.endsWith(".ts")
        ? [name]
        : readdirSync(join(ROOT, name), { recursive: true }).map((path) =>
            join(name, String(path)),
          ),
    )
    .filter((path) => /\.(ts|html)$/.test(path))
    .map((path) => [path, readFileSync(join(ROOT, path), "utf-8")]),
);

/** The paths of the sources in which something stands, comments aside. */
function sourcesWith(pattern: RegExp): string[] {
  const withoutComments = (text: string): string =>
    text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");
  return [...SOURCES]
    .filter(([, text]) => pattern.test(withoutComments(text)))
    .map(([path]) => path);
}

test("only lib/browser touches the browser's extension API", () => {
  expect(sourcesWith(/\bchrome\s*[.[?]|wxt\/browser|globalThis\s*\.\s*browser/)).toEqual([
    "lib/browser.ts",
  ]);
});

test("the scripts that run in pages do not have it", () => {
  expect(SOURCES.get("entrypoints/page.ts")).not.toContain("lib/browser");
  expect(SOURCES.get("entrypoints/selection.ts")).not.toContain("lib/browser");
});

test("nothing listens for messages, so that no page can send any", () => {
  expect(sourcesWith(/onMessage|onConnect|addEventListener\(\s*["']message/)).toEqual([]);
});

test("text becomes a page only through elements and text nodes", () => {
  expect(sourcesWith(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(/)).toEqual(
    [],
  );
});

test("only the panel's client and the connection test use the network", () => {
  expect(sourcesWith(/\bfetch\b|XMLHttpRequest|WebSocket|sendBeacon|EventSource/)).toEqual([
    "lib/connection.ts",
    "lib/options-page.ts",
  ]);
});

test("files are small enough to read at once", () => {
  const long = [...SOURCES].filter(([, text]) => text.split("\n").length > 250);
  expect(long.map(([path]) => path)).toEqual([]);
});

test("extension pages load nothing from elsewhere", () => {
  expect(sourcesWith(/(src|href)="(https?:)?\/\//)).toEqual([]);
});
