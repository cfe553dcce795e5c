import { defineBackground } from "wxt/utils/define-background";
import * as browser from "../lib/browser";
import { forgetInvocation, invocationOf, recordInvocation } from "../lib/invocations";
import { ASK_COMMAND } from "../lib/manifest";
import { MENU } from "../lib/menu";

/**
 * The worker only opens the panel and notes where; the panel does the rest. It keeps nothing in
 * memory: whatever wakes it finds what it needs in the event or in session storage.
 */
export default defineBackground(() => {
  const session = browser.storeIn("session");

  const invoke = (tab: browser.Tab, selectionText: string | null): void => {
    // First, before any await: a browser opens panels only within the user's gesture.
    const opened = browser.openPanel(tab);
    const recorded = recordInvocation(session, invocationOf(tab, selectionText, Date.now()));
    Promise.all([opened, recorded]).catch((error: unknown) => {
      console.warn("Asklight: the panel could not be opened here.", error);
    });
  };

  browser.onToolbarClick((tab) => invoke(tab, null));
  browser.onMenuClick(invoke);
  browser.onCommand((tab, command) => {
    if (command === ASK_COMMAND) invoke(tab, null);
  });
  browser.onTabClosed((tabId) => void forgetInvocation(session, tabId));
  browser.onInstalled(() => void browser.createMenu(MENU));
});
