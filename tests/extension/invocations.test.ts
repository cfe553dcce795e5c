import { expect, test } from "vitest";
import {
  forgetInvocation,
  hasLeft,
  invocationFrom,
  invocationIn,
  invocationOf,
  recordInvocation,
} from "../../extension/lib/invocations";
import { memoryStore } from "./memory-store";

const TAB = { id: 7, windowId: 1, url: "https://example.com/article?a=1" };

test("finds a tab's invocation again, and forgets it with the tab", async () => {
  const store = memoryStore();
  await recordInvocation(store, invocationOf(TAB, "some words", 1000));
  expect(await invocationIn(store, 7)).toEqual({
    tabId: 7,
    windowId: 1,
    origin: "https://example.com",
    selectionText: "some words",
    at: 1000,
  });
  expect(await invocationIn(store, 8)).toBeNull();
  await forgetInvocation(store, 7);
  expect(await invocationIn(store, 7)).toBeNull();
});

test("keeps no page's path or query", () => {
  expect(JSON.stringify(invocationOf(TAB, null, 1000))).not.toContain("article");
});

test("cuts a selection no question could hold", () => {
  const invocation = invocationOf(TAB, "x".repeat(20_000), 1000);
  expect(invocation.selectionText).toHaveLength(10_000);
});

test("is left for another origin, not for another page of the same one", () => {
  const invocation = invocationOf(TAB, null, 1000);
  expect(hasLeft(invocation, { ...TAB, url: "https://example.com/other" })).toBe(false);
  expect(hasLeft(invocation, { ...TAB, url: "https://example.org/" })).toBe(true);
  expect(hasLeft(invocation, { ...TAB, url: "http://example.com/" })).toBe(true);
});

test("leaves it to the browser where it does not show the address", () => {
  expect(hasLeft(invocationOf(TAB, null, 1000), { ...TAB, url: null })).toBe(false);
});

test.each([
  null,
  undefined,
  "invoked",
  {},
  { tabId: "7", windowId: 1, origin: null, selectionText: null, at: 1 },
  { tabId: 7, windowId: 1, origin: 5, selectionText: null, at: 1 },
  { tabId: 7, windowId: 1, origin: null, selectionText: {}, at: 1 },
])("takes %j for no invocation", (stored) => {
  expect(invocationFrom(stored)).toBeNull();
});
