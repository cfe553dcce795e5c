/** What both builds agree on. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

/** The proxy serves what is built from here; a test builds elsewhere. */
export const STATIC =
  process.env.ASKLIGHT_STATIC ??
  fileURLToPath(new URL("../proxy/asklight/site/static", import.meta.url));

/** Browsers of 2024 and later: constructed stylesheets, `AbortSignal.any`, `Array.prototype.at`. */
export const BUILD_TARGET = ["chrome116", "firefox124", "safari17.4"];

/** Where and for whom every part of the browser side is built. */
export const INTO_STATIC = {
  target: BUILD_TARGET,
  outDir: STATIC,
  // Other parts of the project put their files there too.
  emptyOutDir: false,
  modulePreload: false as const,
};

/** Modules stand under the hash of what is in them, and so for good. */
export const HASHED_NAMES = {
  entryFileNames: "assets/[name]-[hash].js",
  chunkFileNames: "assets/[name]-[hash].js",
};

const manifest = new URL("package.json", import.meta.url);
export const { version: VERSION } = JSON.parse(readFileSync(manifest, "utf8")) as {
  version: string;
};

const BUILD = join(STATIC, "build.json");

function notes(): Record<string, string> {
  return existsSync(BUILD)
    ? (JSON.parse(readFileSync(BUILD, "utf8")) as Record<string, string>)
    : {};
}

/** Adds to `build.json`, which says where this build's entries are. */
export function note(names: Record<string, string>): void {
  writeFileSync(BUILD, `${JSON.stringify({ ...notes(), ...names }, null, 2)}\n`);
}

/** What an earlier step of the build has noted. */
export function noted(name: string): string {
  const value = notes()[name];
  if (!value) throw new Error(`build.json names no ${name}: build the panel first`);
  return value;
}

/** Vite's own help for modules loaded on demand adds links to the page's head, which is not ours to change. */
export function withoutPreloading(): Plugin {
  return {
    name: "asklight-without-preloading",
    enforce: "pre",
    load: (id) =>
      id.endsWith("vite/preload-helper.js")
        ? "export const __vitePreload = (load) => load();"
        : null,
  };
}

/** Everything of marked from its ready-made instance on: statements a bundler cannot leave out. */
const READY_MADE =
  /var \w+=new \w+;function \w+\(\w,\w\)\{return \w+\.parse\(.*export\{.*?(\w+) as Lexer.*/s;

/** Leaves of marked its lexer, the one part we use: 3.5 kB less to load. */
export function onlyMarkedsLexer(): Plugin {
  return {
    name: "asklight-only-markeds-lexer",
    transform(code, id) {
      if (!id.endsWith("/marked.esm.js")) return null;
      if (!READY_MADE.test(code)) this.error("marked is laid out differently: look at READY_MADE");
      return { code: code.replace(READY_MADE, "export{$1 as Lexer};"), map: null };
    },
  };
}
