/**
 * What the extension asks of a browser. The permissions are the whole list the design allows:
 * nothing here lets it run on a page before the user invokes it there.
 */
import identity from "../identity.json" with { type: "json" };

export type BrowserKind = "chromium" | "firefox";

/** The name of the keyboard command that asks about the page. */
export const ASK_COMMAND = "ask";

/**
 * Hosts the user may be asked to allow, one at a time, when setting the proxy's address.
 * Plain http is for this computer only; `*.localhost` includes `localhost` itself.
 */
const PROXY_HOSTS = ["https://*/*", "http://*.localhost/*", "http://127.0.0.1/*", "http://[::1]/*"];

const PERMISSIONS = ["activeTab", "contextMenus", "scripting", "storage"] as const;

const SHARED = {
  name: "Asklight",
  description: "Ask about what you highlight, on any page, through your own Asklight proxy.",
  optional_host_permissions: PROXY_HOSTS,
  action: { default_title: "Ask about this page" },
  commands: {
    [ASK_COMMAND]: {
      // Alt+Shift+A and Alt+Shift+T belong to Chromium itself.
      suggested_key: { default: "Alt+Shift+Q" },
      description: "Ask about this page or the selected text",
    },
  },
};

/** The manifest for one kind of browser, without what the build adds (entry points, icons). */
export function manifestFor(browser: BrowserKind) {
  if (browser === "chromium") {
    return {
      ...SHARED,
      permissions: [...PERMISSIONS, "sidePanel" as const],
      minimum_chrome_version: "126", // URL.parse; sidePanel.open came earlier
      key: identity.key,
    };
  }
  return {
    ...SHARED,
    permissions: [...PERMISSIONS],
    browser_specific_settings: {
      gecko: {
        id: identity.geckoId,
        strict_min_version: "140.0", // data_collection_permissions
        data_collection_permissions: {
          // What a question takes along, to the proxy the user chose: the text and the address.
          required: ["websiteContent" as const, "browsingActivity" as const],
        },
      },
    },
  };
}
