/** The npm package where there is no page, and what it says before the proxy's script is there. */
import { expect, test } from "vitest";
import { asklight, loadAsklight } from "../../widget/src/npm/index";

test("on a server nothing of it does anything", async () => {
  loadAsklight({ proxy: "https://ask.example.com", site: "demo" });
  asklight("open");
  asklight("destroy");
  await expect(import("../../widget/src/npm/define")).resolves.toBeDefined();
  expect(Reflect.has(globalThis, "Asklight")).toBe(false);
});
