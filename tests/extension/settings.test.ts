import { expect, test } from "vitest";
import { isSiteId, loadSettings, saveSettings, settingsFrom } from "../../extension/lib/settings";
import { stringsIn } from "../../extension/lib/stores";
import { memoryStore } from "./memory-store";

const SETTINGS = { proxy: "https://ask.example.com", site: "team" };

test("gives back the settings that were saved", async () => {
  const store = memoryStore();
  await saveSettings(store, SETTINGS);
  expect(await loadSettings(store)).toEqual(SETTINGS);
});

test.each([
  undefined,
  null,
  "https://ask.example.com",
  {},
  { proxy: "https://ask.example.com" },
  { proxy: 1, site: "demo" },
  { proxy: "http://ask.example.com", site: "demo" },
  { proxy: "https://ask.example.com/path", site: "demo" },
  { proxy: "https://ask.example.com", site: "two words" },
])("takes %j for no settings at all", (stored) => {
  expect(settingsFrom(stored)).toBeNull();
});

test.each(["demo", "a", "team-2", "x".repeat(40)])("takes %s as a site's name", (id) => {
  expect(isSiteId(id)).toBe(true);
});

test.each(["", "Demo", "-a", "a-", "a_b", "a b", "x".repeat(41)])(
  "refuses %j as a site's name",
  (id) => {
    expect(isSiteId(id)).toBe(false);
  },
);

test("never offers one proxy's token to another proxy or site", async () => {
  const store = memoryStore();
  await stringsIn(store, "tokens", SETTINGS).set("token", "secret");
  const elsewhere = { ...SETTINGS, proxy: "https://other.example.com" };
  expect(await stringsIn(store, "tokens", elsewhere).get("token")).toBeNull();
  expect(await stringsIn(store, "tokens", { ...SETTINGS, site: "demo" }).get("token")).toBeNull();
  expect(await stringsIn(store, "panel", SETTINGS).get("token")).toBeNull();
  expect(await stringsIn(store, "tokens", SETTINGS).get("token")).toBe("secret");
});

test("gives no string where something else is stored", async () => {
  const store = memoryStore({ "tokens:https://ask.example.com:team:token": { a: 1 } });
  expect(await stringsIn(store, "tokens", SETTINGS).get("token")).toBeNull();
});
