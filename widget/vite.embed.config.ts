/** The launcher: one classic script under a fixed name. It is built after the panel it loads. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vite";
import { BUILD_TARGET, STATIC } from "./build.ts";

const { panel, ask, commands } = JSON.parse(readFileSync(join(STATIC, "build.json"), "utf8")) as {
  panel: string;
  ask: string;
  commands: string;
};

export default defineConfig({
  define: {
    PANEL: JSON.stringify(panel),
    ASK: JSON.stringify(ask),
    COMMANDS: JSON.stringify(commands),
  },
  build: {
    target: BUILD_TARGET,
    outDir: STATIC,
    // Other parts of the project put their files there too.
    emptyOutDir: false,
    lib: {
      entry: "src/embed.ts",
      formats: ["iife"],
      name: "AsklightEmbed",
      fileName: () => "embed.js",
    },
  },
});
