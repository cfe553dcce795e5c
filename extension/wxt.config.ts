import { copyFile, mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { defineConfig } from "wxt";
import { manifestFor } from "./lib/manifest";

/** Where the proxy serves the packed builds from, by the names people download. */
const DOWNLOADS = resolve(import.meta.dirname, "../proxy/asklight/site/static/extension");

export default defineConfig({
  imports: false,
  manifestVersion: 3,
  targetBrowsers: ["chrome", "firefox"],
  manifest: ({ browser }) => manifestFor(browser === "firefox" ? "firefox" : "chromium"),
  vite: () => ({
    build: {
      rolldownOptions: {
        // Importing the widget has no effect, so scripts for pages carry only what they use of it.
        treeshake: { moduleSideEffects: (id: string) => !/[\\/]widget[\\/]src[\\/]/.test(id) },
      },
    },
  }),
  zip: { artifactTemplate: "{{browser}}.zip", zipSources: false },
  hooks: {
    "zip:extension:done": async (wxt, packed) => {
      const name = wxt.config.browser === "firefox" ? "firefox.zip" : "chromium.zip";
      const target = resolve(DOWNLOADS, name);
      await mkdir(dirname(target), { recursive: true });
      await copyFile(packed, target);
    },
  },
});
