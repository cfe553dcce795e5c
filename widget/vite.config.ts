/** The panel, the whole-page chat and what else comes on demand: hashed modules beside the page that loads them. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import {
  HASHED_NAMES,
  INTO_STATIC,
  note,
  onlyMarkedsLexer,
  STATIC,
  VERSION,
  withoutPreloading,
} from "./build.ts";

/** Writes `build.json`, which names the entries, and clears the modules of the build before. */
function nameEntries(): Plugin {
  return {
    name: "asklight-build-json",
    apply: "build",
    async buildStart() {
      for (const name of ["assets", "build.json"])
        await rm(join(STATIC, name), { recursive: true, force: true });
    },
    writeBundle(_, bundle) {
      const entries = Object.values(bundle)
        .filter((file) => file.type === "chunk" && file.isEntry)
        .map((file) => [file.name, file.fileName] as const)
        .sort();
      note({ version: VERSION, ...Object.fromEntries(entries) });
    },
  };
}

export default defineConfig({
  plugins: [nameEntries(), onlyMarkedsLexer(), withoutPreloading()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    ...INTO_STATIC,
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
        ...HASHED_NAMES,
      },
    },
  },
  test: {
    root: "..",
    include: ["tests/widget/**/*.test.{ts,tsx}"],
    css: true,
  },
});
