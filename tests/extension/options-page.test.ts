// @vitest-environment jsdom
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { startOptions, type OptionsBrowser } from "../../extension/lib/options-page";
import { memoryStore } from "./memory-store";

const PAGE = readFileSync(
  resolve(import.meta.dirname, "../../extension/entrypoints/options/index.html"),
  "utf-8",
);

let local: ReturnType<typeof memoryStore>;
let asked: string[];
let forgotten: string[];
let requests: string[];
let isAllowed: boolean;
let isFirefox: boolean;
let answers: Record<string, Response>;

beforeEach(() => {
  document.documentElement.innerHTML = PAGE;
  local = memoryStore();
  asked = [];
  forgotten = [];
  requests = [];
  isAllowed = true;
  isFirefox = false;
  answers = {
    "/healthz": Response.json({ status: "ok", name: "asklight" }),
    "/v2/identity/init": Response.json({ sessionToken: "t" }, { status: 201 }),
  };
});

function start(): Promise<void> {
  const browser: OptionsBrowser = {
    askToReach: async (pattern) => {
      asked.push(pattern);
      return isAllowed;
    },
    forgetHost: async (pattern) => void forgotten.push(pattern),
    extensionId: () => "abcdefghijklmnopabcdefghijklmnop",
    isFirefox: () => isFirefox,
    shortcutFor: async () => "Alt+Shift+Q",
    storeIn: () => local,
  };
  const fetcher = async (url: RequestInfo | URL): Promise<Response> => {
    requests.push(String(url));
    const answer = answers[new URL(String(url)).pathname];
    if (!answer) throw new TypeError("Failed to fetch");
    return answer;
  };
  return startOptions(document, browser, fetcher);
}

function input(id: string): HTMLInputElement {
  return document.getElementById(id) as HTMLInputElement;
}

function textOf(id: string): string {
  return document.getElementById(id)?.textContent ?? "";
}

/** Presses the button and waits until it can be pressed again. */
async function save(): Promise<void> {
  const button = document.getElementById("save") as HTMLButtonElement;
  button.click();
  while (button.ariaDisabled === "true") await new Promise((done) => setTimeout(done));
}

test("offers the usual address and site, and contacts nothing by itself", async () => {
  await start();
  expect(input("proxy").value).toBe("http://127.0.0.1:8080");
  expect(input("site").value).toBe("demo");
  expect(asked).toEqual([]);
  expect(requests).toEqual([]);
});

test("shows what was saved, the keys, and what the operator has to list", async () => {
  local.values.set("settings", { proxy: "https://ask.example.com", site: "team" });
  await start();
  expect(input("proxy").value).toBe("https://ask.example.com");
  expect(input("site").value).toBe("team");
  expect(textOf("keys")).toBe("Or press Alt+Shift+Q.");
  expect(textOf("entry")).toBe("abcdefghijklmnopabcdefghijklmnop");
});

test("asks for the one host, saves, tries it, and says that it works", async () => {
  await start();
  await save();
  expect(asked).toEqual(["http://127.0.0.1:8080/*"]);
  expect(local.values.get("settings")).toEqual({ proxy: "http://127.0.0.1:8080", site: "demo" });
  expect(requests).toEqual([
    "http://127.0.0.1:8080/healthz",
    "http://127.0.0.1:8080/v2/identity/init",
  ]);
  expect(textOf("result")).toContain("Connected to http://127.0.0.1:8080.");
});

test("asks for the host before anything is awaited, while the click still counts", async () => {
  await start();
  document.getElementById("save")?.click();
  expect(asked).toHaveLength(1);
});

test("neither saves nor contacts a host the user does not allow", async () => {
  isAllowed = false;
  await start();
  await save();
  expect(local.values.size).toBe(0);
  expect(requests).toEqual([]);
  expect(textOf("result")).toContain("choose Allow");
});

test("says what is wrong beside the field, asks for nothing, and goes there", async () => {
  await start();
  input("proxy").value = "http://ask.example.com";
  input("site").value = "Two Words";
  await save();
  expect(asked).toEqual([]);
  expect(textOf("proxy-trouble")).toContain("Use https");
  expect(textOf("site-trouble")).toContain("small letters");
  expect(input("proxy").getAttribute("aria-invalid")).toBe("true");
  expect(document.activeElement).toBe(input("proxy"));
});

test("takes the complaint back once the field is right", async () => {
  await start();
  input("proxy").value = "nonsense";
  await save();
  input("proxy").value = "https://ask.example.com/";
  await save();
  expect(textOf("proxy-trouble")).toBe("");
  expect(input("proxy").hasAttribute("aria-invalid")).toBe(false);
  expect(input("proxy").value).toBe("https://ask.example.com");
});

test("keeps the settings when the proxy does not answer, and says what to do", async () => {
  answers = {};
  await start();
  await save();
  expect(local.values.has("settings")).toBe(true);
  expect(textOf("result")).toContain("Nothing answers at http://127.0.0.1:8080.");
  expect(textOf("result")).toContain("asklight serve");
});

test("gives up the host of the proxy it used before", async () => {
  local.values.set("settings", { proxy: "https://old.example.com", site: "demo" });
  await start();
  input("proxy").value = "https://new.example.com";
  await save();
  expect(forgotten).toEqual(["https://old.example.com/*"]);
});

test("keeps the host when only the site changes", async () => {
  local.values.set("settings", { proxy: "https://ask.example.com", site: "demo" });
  await start();
  input("site").value = "team";
  await save();
  expect(forgotten).toEqual([]);
  expect(local.values.get("settings")).toEqual({ proxy: "https://ask.example.com", site: "team" });
});

test("asks Firefox for the host without its port, and names Firefox to the operator", async () => {
  isFirefox = true;
  answers["/v2/identity/init"] = Response.json({ error: {} }, { status: 403 });
  await start();
  await save();
  expect(asked).toEqual(["http://127.0.0.1/*"]);
  expect(textOf("result")).toContain("“firefox”");
});

test("keeps what was typed before the saved settings were there", async () => {
  const started = start();
  input("proxy").value = "https://ask.example.com";
  await started;
  expect(input("proxy").value).toBe("https://ask.example.com");
  expect(input("site").value).toBe("demo");
});

test("what is typed into a field that was reached before its text was there takes its place", async () => {
  const started = start();
  input("proxy").focus();
  await started;
  const { value, selectionStart, selectionEnd } = input("proxy");
  expect(value).toBe("http://127.0.0.1:8080");
  expect([selectionStart, selectionEnd]).toEqual([0, value.length]);
});
