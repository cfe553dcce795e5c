// @vitest-environment jsdom
import { describe, expect, test } from "vitest";
import { articleText, betterText, vouched } from "../../extension/lib/article";
import { blocksOf } from "../../extension/lib/blocks";
import { gatherPage } from "../../extension/lib/gather";
import { pageFrom, passageFrom } from "../../extension/lib/gathered";
import { visibleText } from "@asklight/widget";

const SENTENCE =
  "The lamp at the end of the pier was lit every evening by the same patient keeper. ";

function paragraphs(count: number, words = SENTENCE): string {
  return Array.from({ length: count }, (_, number) => `<p>${number}. ${words.repeat(4)}</p>`).join(
    "",
  );
}

/** Puts a page into the test's document, where styles are computed as in a browser. */
function show(body: string, head = "<title>The pier</title>"): Document {
  document.head.innerHTML = head;
  document.body.innerHTML = body;
  return document;
}

function textOf(body: string): string {
  const page = show(body);
  return articleText(page, visibleText(page));
}

describe("the choice", () => {
  test("is the article where it has at least half of what the walker found", () => {
    expect(betterText("x".repeat(50), "y".repeat(100))).toMatch(/^x/);
    expect(betterText("x".repeat(500), "y".repeat(100))).toMatch(/^x/);
  });

  test("is the walker's text where the article has less than half of it", () => {
    expect(betterText("x".repeat(49), "y".repeat(100))).toMatch(/^y/);
    expect(betterText("", "y")).toBe("y");
  });
});

describe("the text of a page", () => {
  test("is the article without what stands around it", () => {
    const text = textOf(
      `<nav>Home Products</nav>
       <div class="sidebar"><p>Subscribe to our newsletter</p></div>
       <article><h1>The pier</h1>${paragraphs(6)}</article>
       <footer>All rights reserved</footer>`,
    );
    expect(text).toContain("0. The lamp");
    expect(text).toContain("5. The lamp");
    expect(text).not.toMatch(/newsletter|rights reserved|Products/);
  });

  test("is the walker's on a form, whose labels are read and whose values are not", () => {
    const text = textOf(
      `<form><h1>Tell us about the pier</h1>
        <label>Your name <input name="name" value="Ada Lovelace"></label>
        <label>Password <input type="password" value="hunter2"></label>
        <label>Story <textarea>my private story</textarea></label>
        <p>We answer within a week.</p></form>`,
    );
    expect(text).toContain("Tell us about the pier");
    expect(text).toContain("Your name");
    expect(text).toContain("within a week");
    expect(text).not.toMatch(/Lovelace|hunter2|private story/);
  });

  test("reaches into open web components", () => {
    const page = show("<pier-story></pier-story>");
    const root = page.querySelector("pier-story")?.attachShadow({ mode: "open" });
    if (root) root.innerHTML = `<section>${paragraphs(4)}</section>`;
    const text = articleText(page, visibleText(page));
    expect(text).toContain("0. The lamp");
    expect(text).toContain("3. The lamp");
  });

  test.each([
    ["hidden", `<p hidden>${"secret words ".repeat(80)}</p>`],
    ["not displayed", `<div style="display:none"><p>${"secret words ".repeat(80)}</p></div>`],
    ["kept out by the page's owner", `<p data-asklight-ignore>${"secret words ".repeat(80)}</p>`],
  ])("never has what is %s, though Defuddle would take it", (_what, kept) => {
    const text = textOf(`<article><h1>The pier</h1><p>${SENTENCE}</p>${kept}</article>`);
    expect(text).toContain("The lamp");
    expect(text).not.toContain("secret");
  });

  test("leaves the page as it was", () => {
    const page = show(`<article><h1>The pier</h1>${paragraphs(5)}</article>`);
    const before = page.documentElement.outerHTML;
    articleText(page, visibleText(page));
    expect(page.documentElement.outerHTML).toBe(before);
  });

  test("is empty on an empty page", () => {
    expect(textOf("")).toBe("");
  });
});

test("only blocks whose words a reader can see are vouched for", () => {
  const visible = "The  lamp\nis lit. And more.";
  expect(vouched(["The lamp is lit.", "Buy now.", "And\u200b more."], visible)).toEqual([
    "The lamp is lit.",
    "And\u200b more.",
  ]);
});

test("blocks are set apart and inline markup is dissolved", () => {
  const html = `<h2>One</h2><p>a <b>bold</b> <a href="x">link</a>,
    continued</p><ul><li>x</li><li>y<ul><li>z</li></ul></li></ul><pre>if a:
    b</pre><script>no()</script><img src="x" alt="no">`;
  const code = "if a:\n    b";
  expect(blocksOf(html)).toEqual(["One", "a bold link, continued", "x", "y", "z", code]);
});

test("a page is gathered with its address, title, text and headings", () => {
  const page = show(`<article><h2>The keeper</h2>${paragraphs(4)}</article>`);
  expect(gatherPage(page)).toEqual({
    url: "http://localhost:3000/",
    title: "The pier",
    content: expect.stringContaining("The lamp"),
    headings: ["The keeper"],
    isPdf: false,
  });
});

describe("what a script hands back", () => {
  test.each([null, undefined, "text", 5])("is no page when it is %j", (result) => {
    expect(pageFrom(result)).toBeNull();
    expect(passageFrom(result)).toBeNull();
  });

  test("counts only where it is text of a likely length", () => {
    const strange = { url: 1, title: [], content: "x".repeat(2_000_001), headings: ["a", 1] };
    expect(pageFrom(strange)).toEqual({
      url: null,
      title: null,
      content: null,
      headings: ["a"],
      isPdf: false,
    });
    expect(passageFrom({ text: "", paragraph: "a" })).toBeNull();
    expect(passageFrom({ text: "a", paragraph: 5, more: 1 })).toEqual({
      text: "a",
      paragraph: null,
    });
  });
});
