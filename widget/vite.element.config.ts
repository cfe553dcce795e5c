/**
 * `<asklight-widget>` for pages that place it themselves. Built apart from the panel, which would else come
 * in more pieces; `element.js` is the address that stays.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type Plugin } from "vite";
import { HASHED_NAMES, INTO_STATIC, note, noted, STATIC, withoutPreloading } from "./build.ts";

function nameElement(): Plugin {
  return {
    name: "asklight-name-element",
    writeBundle(_, bundle) {
      const entry = Object.values(bundle).find((file) => file.type === "chunk" && file.isEntry);
      if (!entry) return this.error("the element was not built");
      note({ element: entry.fileName });
      writeFileSync(join(STATIC, "element.js"), `import "./${entry.fileName}";\n`);
    },
  };
}

export default defineConfig({
  plugins: [nameElement(), withoutPreloading()],
  define: { PANEL: JSON.stringify(noted("panel")) },
  build: {
    ...INTO_STATIC,
    rolldownOptions: {
      input: { element: "src/element.ts" },
      output: HASHED_NAMES,
    },
  },
});
