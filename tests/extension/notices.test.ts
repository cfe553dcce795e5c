import { expect, test } from "vitest";
import { noticeFor, PDF_PAGE, PRESS_AGAIN } from "../../extension/lib/notices";

test("asks for the button where the browser hides the address", () => {
  expect(noticeFor(null, "Error: Cannot access contents of the page.")).toBe(PRESS_AGAIN);
  expect(PRESS_AGAIN).toBe("Press the button again to read this page.");
});

test.each([
  ["chrome://settings/", "belongs to the browser"],
  ["about:addons", "belongs to the browser"],
  ["moz-extension://abc/page.html", "belongs to the browser"],
  ["view-source:https://example.com/", "belongs to the browser"],
  ["https://chromewebstore.google.com/detail/x", "its store"],
  ["https://chrome.google.com/webstore/detail/x", "its store"],
  ["https://addons.mozilla.org/", "its store"],
  ["file:///home/me/notes.html", "file on your computer"],
  ["https://example.com/paper.pdf#page=2", PDF_PAGE],
  ["https://example.com/", "Reload it"],
  ["https://chrome.google.com/other", "Reload it"],
])("says of %s why it cannot be read", (url, words) => {
  expect(noticeFor(url, "")).toContain(words);
});

test.each([
  ["Error: Cannot access a chrome:// URL", "belongs to the browser"],
  ["Error: The extensions gallery cannot be scripted.", "its store"],
])("tells pages of Chromium's own, whose address is hidden, by its words: %s", (refusal, words) => {
  expect(noticeFor(null, refusal)).toContain(words);
});
