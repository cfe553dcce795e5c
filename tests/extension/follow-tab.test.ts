import { beforeEach, expect, test } from "vitest";
import type { StoreArea, TabChange } from "../../extension/lib/browser";
import type { Passage } from "@asklight/widget";
import { followTab } from "../../extension/lib/follow-tab";
import { invocationOf } from "../../extension/lib/invocations";

const FRONT = { id: 7, windowId: 1, url: null };

let events: string[];
let selectedAgain: () => Promise<Passage[]>;
let lifetime: AbortController;
let change: (tabId: number, change: TabChange) => void;
let store: (key: string, value: unknown) => void;

beforeEach(() => {
  events = [];
  lifetime = new AbortController();
  selectedAgain = async () => [];
  followTab(
    {
      refresh: async () => void events.push("read"),
      showPage: ({ selections, ...reading }) =>
        void events.push(
          selections.length + Object.values(reading).filter(Boolean).length > 0 ? "show" : "drop",
        ),
      focus: () => void events.push("focus"),
      addSelection: ({ text }) => void events.push(`add ${text}`),
    },
    { forget: () => void events.push("forget"), selectedAgain: () => selectedAgain() },
    {
      activeTab: async () => FRONT,
      onTabChange: (listener) => void (change = listener),
      onStored: (_area: StoreArea, listener) => void (store = listener),
    },
    lifetime.signal,
  );
});

/** Lets what was set off run to its end. */
async function settle(): Promise<void> {
  await new Promise((done) => setTimeout(done));
}

test.each<[TabChange, string[]]>([
  ["shown", ["forget", "drop", "read"]],
  ["loading", ["forget", "drop"]],
  ["loaded", ["read"]],
  ["moved", ["read"]],
])("answers to the tab in front being %s", async (happened, answered) => {
  change(7, happened);
  await settle();
  expect(events).toEqual(answered);
});

test("does not mind what other tabs do", async () => {
  change(8, "loaded");
  store("invoked:8", invocationOf({ ...FRONT, id: 8 }, null, 1));
  await settle();
  expect(events).toEqual([]);
});

test("reads the page when the user invokes it there again", async () => {
  store("invoked:7", invocationOf(FRONT, null, 1));
  await settle();
  expect(events).toEqual(["read", "focus"]);
});

test("adds what was selected since", async () => {
  selectedAgain = async () => [{ text: "other words", paragraph: null }];
  store("invoked:7", invocationOf(FRONT, null, 1));
  await settle();
  expect(events).toEqual(["read", "add other words", "focus"]);
});

test("reads the page, which says why, when the browser does not let it in", async () => {
  selectedAgain = () => Promise.reject(new Error("Cannot access contents of the page."));
  store("invoked:7", invocationOf(FRONT, null, 1));
  await settle();
  expect(events).toEqual(["read", "focus"]);
});

test("does not mind other things that are stored, or invocations forgotten", async () => {
  store("panel:https://ask.example.com:demo:draft", "hello");
  store("invoked:7", undefined);
  store("invoked:7", { at: "now" });
  await settle();
  expect(events).toEqual([]);
});

test("lets go of the panel when its lifetime ends", async () => {
  change(7, "loaded");
  lifetime.abort();
  await settle();
  expect(events).toEqual([]);
});
