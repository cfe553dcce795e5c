/**
 * The launcher: one classic script, built after the panel it loads. It stands under a fixed name, which
 * follows the releases, and under one that is this build's alone, which `build.json` names with its hash.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type Plugin } from "vite";
import { INTO_STATIC, note, noted, STATIC, VERSION } from "./build.ts";

/** Keeps the script under a name of its own and notes what a page can check it by (SRI). */
function pin(): Plugin {
  return {
    name: "asklight-pin",
    writeBundle() {
      const script = readFileSync(join(STATIC, "embed.js"));
      const digest = createHash("sha384").update(script).digest();
      const embed = `assets/embed-${VERSION}-${digest.toString("hex").slice(0, 12)}.js`;
      writeFileSync(join(STATIC, embed), script);
      note({ embed, integrity: `sha384-${digest.toString("base64")}` });
    },
  };
}

export default defineConfig({
  plugins: [pin()],
  define: {
    PANEL: JSON.stringify(noted("panel")),
    ASK: JSON.stringify(noted("ask")),
    COMMANDS: JSON.stringify(noted("commands")),
  },
  build: {
    ...INTO_STATIC,
    lib: {
      entry: "src/embed.ts",
      formats: ["iife"],
      name: "AsklightEmbed",
      fileName: () => "embed.js",
    },
  },
});
