/** Why a page cannot be read, in the words shown where its chips would be. */

export const PRESS_AGAIN = "Press the button again to read this page.";

const BROWSER_PAGE = "This page belongs to the browser, which lets no extension read it.";
const STORE_PAGE = "The browser lets no extension read its store.";
const FILE_PAGE =
  "This is a file on your computer. Allow access to files in the extension's details, then press the button again.";
const FAILED_PAGE = "This page could not be read. Reload it, then press the button again.";

/** Said of a PDF, whose text no script can reach. */
export const PDF_PAGE =
  "This is a PDF. Select text in it and choose Asklight from the right-click menu.";

/** Where browsers sell extensions and let none run. */
const STORES =
  /^https:\/\/(chromewebstore\.google\.com|chrome\.google\.com\/webstore|addons\.mozilla\.org|microsoftedge\.microsoft\.com\/addons)(\/|$)/;

/** What Chromium answers for its own pages, whose address it hides even where the user invoked us. */
const CHROMIUM_REFUSES = /cannot access a \w+:\/\/ url/i;
const CHROMIUM_REFUSES_STORE = /gallery cannot be scripted/i;

/**
 * What to say of a page no script could be run in.
 *
 * @param url its address; null where the browser does not show it.
 * @param refusal the browser's own words, which are for developers and differ between browsers.
 */
export function noticeFor(url: string | null, refusal: string): string {
  if (url === null ? CHROMIUM_REFUSES_STORE.test(refusal) : STORES.test(url)) return STORE_PAGE;
  if (url === null) return CHROMIUM_REFUSES.test(refusal) ? BROWSER_PAGE : PRESS_AGAIN;
  if (url.startsWith("file:")) return FILE_PAGE;
  if (!/^https?:/.test(url)) return BROWSER_PAGE;
  return /\.pdf($|[?#])/i.test(url) ? PDF_PAGE : FAILED_PAGE;
}
