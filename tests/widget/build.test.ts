import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const WIDGET = fileURLToPath(new URL("../../widget", import.meta.url));
const LOADER_BYTES = 2_500;
const ASK_BYTES = 8_000;
const PANEL_BYTES = 41_500;

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

function names(): { version: string; panel: string; chat: string; ask: string } {
  return JSON.parse(readFileSync(join(folder, "build.json"), "utf8")) as ReturnType<typeof names>;
}

function brotli(path: string): number {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
  return brotliCompressSync(readFileSync(join(folder, path)), { params }).length;
}

/** A module and all it imports when it is loaded. */
function loaded(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  const code = readFileSync(join(folder, path), "utf8");
  for (const [, name] of code.matchAll(/(?:import|from)\s*"\.\/([\w.-]+\.js)"/g))
    loaded(`assets/${name}`, seen);
  return seen;
}

describe("what a visitor loads", () => {
  test("the launcher keeps its size", () => {
    expect(brotli("embed.js")).toBeLessThanOrEqual(LOADER_BYTES);
  });

  test.each(["panel", "chat"] as const)("the %s, with all it needs, keeps its size", (entry) => {
    const modules = [...loaded(names()[entry])];
    const total = modules.reduce((sum, path) => sum + brotli(path), 0);
    expect(total).toBeGreaterThan(20_000);
    expect(total).toBeLessThanOrEqual(PANEL_BYTES);
  });

  test("what comes with the first selection keeps its size", () => {
    const total = [...loaded(names().ask)].reduce((sum, path) => sum + brotli(path), 0);
    expect(total).toBeGreaterThan(1_000);
    expect(total).toBeLessThanOrEqual(ASK_BYTES);
  });

  test("the launcher loads the panel of its own build, and what stands at a selection", () => {
    const code = readFileSync(join(folder, "embed.js"), "utf8");
    expect(code).toContain(names().panel);
    expect(code).toContain(names().ask);
  });

  test("the launcher is a classic script that leaves one name behind", () => {
    const code = readFileSync(join(folder, "embed.js"), "utf8");
    expect(code).not.toMatch(/^\s*(import|export)\b/m);
    expect(code).toMatch(/^\(function\(\)\{|^\(\(\)=>\{|^!function/);
  });

  test("two builds give the same bytes", () => {
    const [first = [], second = []] = folders.map(files);
    expect(first.map(([name]) => name)).toEqual(second.map(([name]) => name));
    expect(first).toEqual(second);
  });
});
