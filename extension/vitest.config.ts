import { defineConfig } from "vitest/config";

export default defineConfig({
  root: "..",
  test: {
    include: ["tests/extension/**/*.test.ts"],
    restoreMocks: true,
  },
});
