/** The npm package: ES modules with all they need in them, for other people's bundlers. */
import { defineConfig } from "vite";
import { BUILD_TARGET, onlyMarkedsLexer, withoutPreloading } from "./build.ts";

export default defineConfig({
  plugins: [onlyMarkedsLexer(), withoutPreloading()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: BUILD_TARGET,
    outDir: "npm/dist",
    lib: {
      entry: { index: "src/npm/index.ts", define: "src/npm/define.ts" },
      formats: ["es"],
    },
  },
});
