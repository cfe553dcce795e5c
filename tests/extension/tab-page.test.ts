import { beforeEach, expect, test } from "vitest";
import type { Injected, PageScript, Tab } from "../../extension/lib/browser";
import { invocationOf, recordInvocation } from "../../extension/lib/invocations";
import { PDF_PAGE, PRESS_AGAIN } from "../../extension/lib/notices";
import { TabPage } from "../../extension/lib/tab-page";
import { memoryStore } from "./memory-store";

const TAB: Tab = { id: 7, windowId: 1, url: "https://example.com/article" };
const PAGE = {
  url: TAB.url,
  title: "The pier",
  content: "All of the page.",
  headings: ["The keeper"],
  isPdf: false,
};
const PASSAGE = { text: "some words", paragraph: "And some words around." };
const UNREAD = { url: null, title: null, content: null, selections: [] };

/** A browser with one tab in front, whose scripts give back what the test says. */
class FakeBrowser {
  tab: Tab | null = TAB;
  documentId = "first";
  page: unknown = PAGE;
  selections: unknown[] = [PASSAGE];
  refusal: Error | null = null;
  ran: PageScript[] = [];

  activeTab = async (): Promise<Tab | null> => this.tab;

  runInPage = async (_tabId: number, script: PageScript): Promise<Injected[]> => {
    this.ran.push(script);
    if (this.refusal) throw this.refusal;
    const results = script === "/page.js" ? [this.page] : this.selections;
    return results.map((result, frameId) => ({ frameId, documentId: this.documentId, result }));
  };
}

let browser: FakeBrowser;
let session: ReturnType<typeof memoryStore>;
let page: TabPage;

async function invoke(at: number, selectionText: string | null = null): Promise<void> {
  await recordInvocation(session, invocationOf(browser.tab ?? TAB, selectionText, at));
}

beforeEach(() => {
  browser = new FakeBrowser();
  session = memoryStore();
  page = new TabPage(browser, session);
});

test("reads the page and the selection where the user invoked it", async () => {
  await invoke(1);
  expect(await page.read()).toEqual({
    url: TAB.url,
    title: "The pier",
    content: "All of the page.",
    headings: ["The keeper"],
    selections: [PASSAGE],
  });
});

test("runs nothing on a page the user did not invoke it on, even where the browser would let it", async () => {
  expect(await page.read()).toEqual({ ...UNREAD, notice: PRESS_AGAIN });
  expect(browser.ran).toEqual([]);
});

test("runs nothing once the tab shows another origin", async () => {
  await invoke(1);
  browser.tab = { ...TAB, url: "https://example.org/" };
  expect(await page.read()).toEqual({ ...UNREAD, notice: PRESS_AGAIN });
  expect(browser.ran).toEqual([]);
});

test("asks for the button where the browser takes back its leave", async () => {
  await invoke(1);
  browser.tab = { ...TAB, url: null };
  browser.refusal = new Error("Cannot access contents of the page.");
  expect(await page.read()).toEqual({ ...UNREAD, notice: PRESS_AGAIN });
});

test("says why where no extension may read", async () => {
  browser.tab = { ...TAB, url: null };
  await invoke(1);
  browser.refusal = new Error("Cannot access a chrome:// URL");
  expect((await page.read()).notice).toContain("belongs to the browser");
});

test("says so without a tab", async () => {
  browser.tab = null;
  expect(await page.read()).toEqual({ ...UNREAD, notice: PRESS_AGAIN });
});

test("says so where the script gives back something strange", async () => {
  await invoke(1);
  browser.page = "gotcha";
  expect((await page.read()).notice).toContain("could not be read");
});

test("brings the selection once and leaves it to the panel while the page stays", async () => {
  await invoke(1);
  await page.read();
  browser.selections = [{ text: "a stray click", paragraph: null }];
  expect((await page.read()).selections).toEqual([]);
  expect(await page.selectedAgain()).toEqual([]);
});

test("gives what is selected when the user invokes it again on the same page, once", async () => {
  await invoke(1);
  await page.read();
  browser.selections = [{ text: "other words", paragraph: null }];
  await invoke(2);
  expect(await page.selectedAgain()).toEqual([{ text: "other words", paragraph: null }]);
  expect(await page.selectedAgain()).toEqual([]);
  expect((await page.read()).selections).toEqual([]);
});

test("leaves the selection to the reading when another page is shown since", async () => {
  await invoke(1);
  await page.read();
  browser.documentId = "second";
  await invoke(2);
  expect(await page.selectedAgain()).toEqual([]);
  expect((await page.read()).selections).toEqual([PASSAGE]);
});

test("drops the selection with the document it was made in", async () => {
  await invoke(1);
  await page.read();
  browser.documentId = "second";
  expect((await page.read()).selections).toEqual([]);
  browser.documentId = "first";
  expect((await page.read()).selections).toEqual([PASSAGE]);
});

test("brings it again after a jump within the page, and not when a script made it another", async () => {
  await invoke(1);
  await page.read();
  const show = (url: string): void => {
    browser.tab = { ...TAB, url };
    browser.page = { ...PAGE, url };
  };
  show("https://example.com/article#part");
  expect((await page.read()).selections).toEqual([PASSAGE]);
  show("https://example.com/other");
  expect((await page.read()).selections).toEqual([]);
});

test("remembers each tab's selection while the user turns between tabs", async () => {
  await invoke(1);
  await page.read();
  browser.tab = { ...TAB, id: 8 };
  browser.documentId = "second";
  browser.selections = [];
  await invoke(2);
  expect((await page.read()).selections).toEqual([]);
  browser.tab = TAB;
  browser.documentId = "first";
  expect((await page.read()).selections).toEqual([PASSAGE]);
});

test("brings it again to a panel that has dropped the page", async () => {
  await invoke(1);
  await page.read();
  page.forget();
  expect((await page.read()).selections).toEqual([PASSAGE]);
});

test("takes the menu's words where no script reaches the selection, once", async () => {
  browser.selections = [null];
  await invoke(1, "in another frame");
  expect((await page.read()).selections).toEqual([{ text: "in another frame", paragraph: null }]);
  expect(JSON.stringify([...session.values])).not.toContain("another frame");
});

test("says how to ask about a PDF, and asks about the words selected in one", async () => {
  browser.page = { ...PAGE, content: null, isPdf: true };
  browser.selections = [null];
  await invoke(1);
  expect((await page.read()).notice).toBe(PDF_PAGE);
  page.forget();
  await invoke(2, "a theorem");
  const reading = await page.read();
  expect(reading.notice).toBeUndefined();
  expect(reading.selections).toEqual([{ text: "a theorem", paragraph: null }]);
});

test("a slow page does not come after the one that is in front by then", async () => {
  await invoke(1);
  const { runInPage } = browser;
  let finish = (): void => {};
  browser.runInPage = async (...call) => {
    await new Promise<void>((done) => (finish = done));
    return runInPage(...call);
  };
  const order: (string | null)[] = [];
  const slow = page.read().then(({ url }) => order.push(url));
  await new Promise((done) => setTimeout(done));
  browser.tab = { ...TAB, id: 8 };
  browser.runInPage = runInPage;
  const quick = page.read().then(({ url }) => order.push(url));
  finish();
  await Promise.all([slow, quick]);
  expect(order).toEqual([TAB.url, null]);
});
