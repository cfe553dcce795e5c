/**
 * What comes right after the launcher: one module, which the proxy serves with the site's settings before it. The mode
 * says which: `look`, or `named` for pages of another language than English.
 */
import { defineConfig } from "vite";
import { INTO_STATIC } from "./build.ts";

export default defineConfig(({ mode }) => ({
  build: {
    ...INTO_STATIC,
    rolldownOptions: {
      input: `src/${mode}.ts`,
      preserveEntrySignatures: "strict",
      output: { entryFileNames: "[name].js" },
    },
  },
}));
