import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { build } from "wxt";
import identity from "../../extension/identity.json" with { type: "json" };

const ROOT = resolve(import.meta.dirname, "../../extension");

type Manifest = Record<string, unknown>;

let folder = "";
const manifests = new Map<string, Manifest>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "asklight-manifest-"));
  for (const browser of ["chrome", "firefox"] as const) {
    await build({ root: ROOT, browser, outDir: folder, outDirTemplate: browser });
    const text = readFileSync(join(folder, browser, "manifest.json"), "utf-8");
    manifests.set(browser, JSON.parse(text) as Manifest);
  }
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true }));

function manifestOf(browser: string): Manifest {
  const manifest = manifests.get(browser);
  if (!manifest) throw new Error(`no manifest was built for ${browser}`);
  return manifest;
}

const SHARED_PERMISSIONS = ["activeTab", "contextMenus", "scripting", "storage"];

describe.each([
  ["chrome", [...SHARED_PERMISSIONS, "sidePanel"]],
  ["firefox", SHARED_PERMISSIONS],
])("the manifest for %s", (browser, permissions) => {
  test("is of version 3", () => {
    expect(manifestOf(browser).manifest_version).toBe(3);
  });

  test("asks at install for these permissions, for no host, and for nothing more", () => {
    const manifest = manifestOf(browser);
    expect(new Set(manifest.permissions as string[])).toEqual(new Set(permissions));
    expect(manifest).not.toHaveProperty("host_permissions");
    expect(manifest).not.toHaveProperty("optional_permissions");
  });

  test("may ask later for a proxy: any https host, and this computer", () => {
    expect(manifestOf(browser).optional_host_permissions).toEqual([
      "https://*/*",
      "http://*.localhost/*",
      "http://127.0.0.1/*",
      "http://[::1]/*",
    ]);
  });

  test("puts nothing on pages and shows them nothing", () => {
    const manifest = manifestOf(browser);
    expect(manifest).not.toHaveProperty("content_scripts");
    expect(manifest).not.toHaveProperty("web_accessible_resources");
    expect(manifest).not.toHaveProperty("externally_connectable");
  });

  test("leaves the browser's strict content security policy as it is", () => {
    expect(manifestOf(browser)).not.toHaveProperty("content_security_policy");
  });

  test("opens the settings in a tab of their own", () => {
    expect(manifestOf(browser).options_ui).toEqual({ open_in_tab: true, page: "options.html" });
  });

  test("has icons of four sizes, all of them there", () => {
    const icons = manifestOf(browser).icons as Record<string, string>;
    expect(Object.keys(icons)).toEqual(["16", "32", "48", "128"]);
    const files = readdirSync(join(folder, browser), { recursive: true });
    expect(files).toEqual(expect.arrayContaining(Object.values(icons)));
  });

  test("runs little in pages: the script for selections has nothing of the panel in it", () => {
    expect(statSync(join(folder, browser, "selection.js")).size).toBeLessThan(9_000);
  });

  test("has no source maps beside it", () => {
    const files = readdirSync(join(folder, browser), { recursive: true }).map(String);
    expect(files.filter((name) => name.endsWith(".map"))).toEqual([]);
  });
});

test("Chromium opens a side panel and Firefox a sidebar, which waits to be asked for", () => {
  expect(manifestOf("chrome").side_panel).toEqual({ default_path: "sidepanel.html" });
  expect(manifestOf("chrome")).not.toHaveProperty("sidebar_action");
  expect(manifestOf("firefox").sidebar_action).toMatchObject({
    default_panel: "sidepanel.html",
    open_at_install: false,
  });
  expect(manifestOf("firefox")).not.toHaveProperty("side_panel");
});

test("the worker is one file, without a page", () => {
  expect(manifestOf("chrome").background).toEqual({ service_worker: "background.js" });
  expect(manifestOf("firefox").background).toEqual({ scripts: ["background.js"] });
});

test("Firefox is told the id, the first version that fits and what a question takes along", () => {
  expect(manifestOf("firefox").browser_specific_settings).toEqual({
    gecko: {
      id: identity.geckoId,
      strict_min_version: "140.0",
      data_collection_permissions: { required: ["websiteContent", "browsingActivity"] },
    },
  });
  expect(manifestOf("firefox")).not.toHaveProperty("key");
});

test("Chromium's id follows from the key, so that a proxy can list it", () => {
  const key = manifestOf("chrome").key;
  expect(key).toBe(identity.key);
  const hash = createHash("sha256").update(Buffer.from(identity.key, "base64")).digest("hex");
  const letters = [...hash.slice(0, 32)].map((digit) => "abcdefghijklmnop"[parseInt(digit, 16)]);
  expect(letters.join("")).toBe(identity.chromiumId);
});
