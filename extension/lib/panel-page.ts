/** The side panel: the widget's own panel where a proxy may be asked, else the way to set one up. */
import { createClient, languageFor, mountPanel, type PanelHandle } from "@asklight/widget";
import type { Language } from "@asklight/widget";
import { hostPattern } from "./address";
import type * as Browser from "./browser";
import { followTab } from "./follow-tab";
import { loadSettings, SETTINGS_KEY, type Settings } from "./settings";
import { showSetup, type SetupReason } from "./setup-screen";
import { stringsIn } from "./stores";
import { TabPage } from "./tab-page";

/** Keeps a panel in step with the settings and permissions for as long as its page lives. */
export function startPanel(container: HTMLElement, browser: typeof Browser): void {
  let shown = new AbortController();
  const show = (): void => {
    shown.abort();
    shown = new AbortController();
    void showState(container, browser, shown.signal);
  };
  const forever = new AbortController().signal;
  browser.onStored("local", (key) => key === SETTINGS_KEY && show(), forever);
  browser.onReachChange(show, forever);
  show();
}

/** Shows what can be shown now; what was shown before is gone once `signal` aborts. */
async function showState(
  container: HTMLElement,
  browser: typeof Browser,
  signal: AbortSignal,
): Promise<void> {
  const settings = await loadSettings(browser.storeIn("local"));
  const trouble = await troubleWith(settings, browser);
  const language = await languageFor(navigator.languages);
  if (signal.aborted) return;
  if (!settings || trouble) {
    showSetup(container, trouble ?? "first-run", () => void browser.openOptions());
    return;
  }
  container.replaceChildren();
  const page = new TabPage(browser, browser.storeIn("session"));
  const panel = mount(container, settings, page, browser, language);
  signal.addEventListener("abort", () => panel.destroy());
  followTab(panel, page, browser, signal);
  panel.focus();
}

async function troubleWith(
  settings: Settings | null,
  browser: typeof Browser,
): Promise<SetupReason | null> {
  if (!settings) return "first-run";
  const pattern = hostPattern(settings.proxy, !browser.isFirefox());
  return (await browser.mayReach(pattern)) ? null : "not-allowed";
}

function mount(
  container: HTMLElement,
  settings: Settings,
  page: TabPage,
  browser: typeof Browser,
  language: Language,
): PanelHandle {
  const session = browser.storeIn("session");
  const { proxy, site } = settings;
  return mountPanel(container, {
    client: createClient({
      proxy,
      site,
      transport: "token",
      nameSite: true,
      tokens: stringsIn(session, "tokens", settings),
    }),
    page,
    memory: stringsIn(session, "panel", settings),
    tabs: `asklight:${proxy}:${site}`,
    layout: "fill",
    language,
    // The reader's own tool looks like itself, whichever proxy answers.
    look: { displayName: "Asklight" },
  });
}
