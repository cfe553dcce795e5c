// @vitest-environment jsdom
import { beforeEach, describe, expect, test } from "vitest";
import { atOnce } from "../../widget/src/context/steps";
import { quoteOn } from "../../widget/src/passage/directive";
import { findPassage } from "../../widget/src/passage/find";

const PAGE = "https://example.com/lamp?year=1861";

describe("the passage an address leads to", () => {
  test.each([
    ["#:~:text=The%20lamp", { start: "The lamp" }],
    ["#top:~:text=The%20lamp,in%201961", { start: "The lamp", end: "in 1961" }],
    ["#:~:text=On-,The%20lamp,-stood", { start: "The lamp", prefix: "On", suffix: "stood" }],
    ["#:~:text=a%2Cb%2Dc", { start: "a,b-c" }],
    ["#:~:other=1&text=x", { start: "x" }],
  ])("%s", (fragment, quote) => {
    const whole = { end: null, prefix: null, suffix: null, ...quote };
    expect(quoteOn(PAGE + fragment, `${PAGE}#elsewhere`)).toEqual(whole);
  });

  test.each([
    "https://example.org/lamp?year=1861#:~:text=x",
    "https://example.com/lamp#:~:text=x",
    `${PAGE}#text=x`,
    `${PAGE}#:~:text=`,
    `${PAGE}#:~:text=%E0%A4%A`,
    PAGE,
    "not an address",
  ])("none: %s", (address) => {
    expect(quoteOn(address, PAGE)).toBeNull();
  });
});

/** What is found on a page for a text fragment. */
function found(directive: string): string | null {
  const quote = quoteOn(`${PAGE}#:~:text=${directive}`, PAGE);
  return quote && (atOnce(findPassage(document, quote))?.toString() ?? null);
}

function page(text: string): void {
  document.body.replaceChildren();
  const template = document.createElement("template");
  template.innerHTML = text;
  document.body.append(template.content);
}

describe("a passage", () => {
  beforeEach(() => page("<p>The lamp <b>stood</b> on\n the pier.</p><p>It went&nbsp;out.</p>"));

  test.each([
    ["lamp%20stood%20on%20the%20pier", "lamp stood on\n the pier"],
    ["The%20lamp,out", "The lamp stood on\n the pier.It went\u00A0out"],
    ["pier.%20It", "pier.It"],
    ["the%20LAMP", "The lamp"],
    ["The%20lamp,never%20there", "The lamp"],
    ["it-,went", "went"],
  ])("is found whatever the white space, and across elements: %s", (directive, text) => {
    expect(found(directive)).toBe(text);
  });

  test("that is not there is not found", () => {
    expect(found("The%20ship")).toBeNull();
    expect(found("out-,The%20lamp")).toBeNull();
  });

  test("is not found in what a page does not show as text", () => {
    page("<script>lamp</script><style>lamp{}</style><textarea>lamp</textarea><p>The lamp.</p>");
    const quote = { start: "lamp", end: null, prefix: null, suffix: null };
    const range = atOnce(findPassage(document, quote));
    expect(range?.startContainer.parentElement?.localName).toBe("p");
  });

  test("is told from another like it by what stands around it", () => {
    page("<p>A lamp burns.</p><p>One lamp fell.</p>");
    const quote = { start: "lamp", end: null, prefix: "One", suffix: "fell" };
    const range = atOnce(findPassage(document, quote));
    expect(range?.startContainer.textContent).toBe("One lamp fell.");
  });

  test("is found where soft hyphens and invisible characters stand in it", () => {
    page("<p>The light\u00ADhouse\u200B keeper</p>");
    expect(found("lighthouse%20keeper")).toBe("light\u00ADhouse\u200B keeper");
  });

  test("is found in an open shadow tree", () => {
    page("<div id=host></div>");
    const root = document.querySelector("#host")?.attachShadow({ mode: "open" });
    root?.append(Object.assign(document.createElement("p"), { textContent: "Deep lamp." }));
    expect(found("Deep%20lamp")).toBe("Deep lamp");
  });

  test("is looked for in steps, between which the page may answer to its reader", () => {
    page("<p>A lamp.</p>".repeat(1_000));
    const steps = findPassage(document, { start: "none", end: null, prefix: null, suffix: null });
    expect([...steps].length).toBeGreaterThan(2_000);
  });

  test("in a very long page is found soon", () => {
    page(`<p>${"a lamp was lit. ".repeat(50_000)}</p><p>The last lamp.</p>`);
    const start = performance.now();
    expect(found("The%20last%20lamp")).toBe("The last lamp");
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});
