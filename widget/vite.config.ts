/** The panel and the whole-page chat: hashed modules beside the page that loads them. */
import { writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { BUILD_TARGET, onlyMarkedsLexer, STATIC, VERSION } from "./build.ts";

/** Writes `build.json`, which names the entries, and clears the modules of the build before. */
function nameEntries(): Plugin {
  return {
    name: "asklight-build-json",
    apply: "build",
    buildStart: () => rm(join(STATIC, "assets"), { recursive: true, force: true }),
    writeBundle(_, bundle) {
      const entries = Object.values(bundle)
        .filter((file) => file.type === "chunk" && file.isEntry)
        .map((file) => [file.name, file.fileName] as const)
        .sort();
      const names = { version: VERSION, ...Object.fromEntries(entries) };
      writeFileSync(join(STATIC, "build.json"), `${JSON.stringify(names, null, 2)}\n`);
    },
  };
}

export default defineConfig({
  plugins: [nameEntries(), onlyMarkedsLexer()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: BUILD_TARGET,
    outDir: STATIC,
    // Other parts of the project put their files there too.
    emptyOutDir: false,
    modulePreload: false,
    rolldownOptions: {
      input: {
        panel: "src/panel.ts",
        chat: "src/chat.ts",
        ask: "src/ask.ts",
        commands: "src/owner/commands.ts",
      },
      preserveEntrySignatures: "allow-extension",
      output: {
        // Else the module both entries share would stand behind one of its own.
        minifyInternalExports: false,
        entryFileNames: "assets/[name]-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js",
      },
    },
  },
  test: {
    root: "..",
    include: ["tests/widget/**/*.test.{ts,tsx}"],
    css: true,
  },
});
