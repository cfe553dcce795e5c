/** Keeps a panel's page the one that is in front of the user. */
import type { PanelHandle } from "@asklight/widget";
import type * as Browser from "./browser";
import type { TabChange } from "./browser";
import { invocationFrom, isInvocationKey } from "./invocations";
import { unreadPage, type TabPage } from "./tab-page";

type FollowingBrowser = Pick<typeof Browser, "activeTab" | "onStored" | "onTabChange">;
type FollowingPanel = Pick<PanelHandle, "addSelection" | "focus" | "refresh" | "showPage">;
type FollowedPage = Pick<TabPage, "forget" | "selectedAgain">;

/**
 * Reads the page again when the user invokes us on it, turns to another tab or loads another page
 * there. A page that is no longer in front is dropped at once, before the next one is read.
 */
export function followTab(
  panel: FollowingPanel,
  page: FollowedPage,
  browser: FollowingBrowser,
  signal: AbortSignal,
): void {
  const drop = (): void => {
    page.forget();
    panel.showPage(unreadPage());
  };
  const read = (): void => void panel.refresh();
  const turn = (): void => {
    drop();
    read();
  };
  const reactions: Record<TabChange, () => void> = {
    shown: turn,
    loading: drop,
    loaded: read,
    moved: read,
  };

  const invokedAgain = async (): Promise<void> => {
    // Where the browser lets us in no more, reading the page says why.
    const passages = await page.selectedAgain().catch(() => []);
    await panel.refresh();
    if (signal.aborted) return;
    for (const passage of passages) panel.addSelection(passage);
    panel.focus();
  };

  const isInFront = async (tabId: number): Promise<boolean> =>
    (await browser.activeTab())?.id === tabId && !signal.aborted;

  browser.onTabChange(async (tabId, change) => {
    if (await isInFront(tabId)) reactions[change]();
  }, signal);

  browser.onStored(
    "session",
    async (key, value) => {
      const invocation = isInvocationKey(key) ? invocationFrom(value) : null;
      if (invocation && (await isInFront(invocation.tabId))) await invokedAgain();
    },
    signal,
  );
}
