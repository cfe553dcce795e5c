// @vitest-environment jsdom
import spec from "commonmark-spec";
import { Lexer } from "marked";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { MarkdownStream } from "../../widget/src/ui/markdown/stream";
import { box, grow, pieces, rendered, WORDS } from "./markdown-box";
import { HOSTILE, SAMPLES } from "./markdown-samples";

beforeEach(() => document.body.replaceChildren());

describe("growing text", () => {
  test.each([...SAMPLES, ...HOSTILE])("ends as if it had come at once: %#", (source) => {
    const whole = rendered(source).innerHTML;
    for (const size of [1, 4, 7]) expect(grow(source, () => size).innerHTML).toBe(whole);
    for (const seed of [7, 77, 777]) expect(grow(source, pieces(seed)).innerHTML).toBe(whole);
  });

  test("ends as if it had come at once: every example of CommonMark, and all of them in a row", () => {
    for (const { markdown, number } of spec.tests) {
      const source = markdown.replaceAll("→", "\t");
      expect([number, grow(source, () => 1).innerHTML]).toEqual([
        number,
        rendered(source).innerHTML,
      ]);
    }
    const all = spec.tests.map(({ markdown }) => markdown.replaceAll("→", "\t")).join("\n\n");
    expect(grow(all, () => 997).innerHTML).toBe(rendered(all).innerHTML);
  }, 60_000);

  test("left before its end is drawn, it goes on as if nothing had been", () => {
    const source = `${"See [Log][1].\n\nIt was **often** so.\n\n- one [1]\n- two\n\n".repeat(9)}[1]: https://example.com/log\n`;
    const whole = rendered(source).innerHTML;
    for (const steps of [1, 2, 3, 7, 12]) {
      const root = box();
      const stream = new MarkdownStream(root, WORDS);
      stream.update(source.slice(0, 300));
      const finishing = stream.finishing(source.replaceAll("often", "never"));
      for (let step = 0; step < steps; step++) expect(finishing.next().done).toBe(false);
      finishing.return();
      stream.update(source);
      stream.finish(source);
      expect(root.innerHTML).toBe(whole);
    }
  });

  test("leaves finished blocks alone", () => {
    const root = box();
    const stream = new MarkdownStream(root, WORDS);
    stream.update("First.\n\nSec");
    const first = root.firstChild;
    const second = root.lastChild;
    const word = second?.firstChild;
    stream.update("First.\n\nSecond.\n\nThird");
    stream.finish("First.\n\nSecond.\n\nThird.");
    expect(root.firstChild).toBe(first);
    expect(root.childNodes[1]).toBe(second);
    expect(second?.firstChild).toBe(word);
  });

  test.each([
    ["item", "- one\n- tw", "- one\n- two\n- three", "li"],
    ["row", "|a|\n|-|\n|one|\n|tw", "|a|\n|-|\n|one|\n|two|\n|three", "tbody tr"],
    ["quoted paragraph", "> one\n>\n> tw", "> one\n>\n> two\n>\n> three", "blockquote p"],
    ["line of code", "```\none\ntw", "```\none\ntwo\nthree\n```\n\nmore", "pre code"],
    ["line of code in an item", "- a\n  ```\n  one\n  tw", "- a\n  ```\n  one\n  two\n  x", "code"],
  ])("keeps a finished %s where it is", (_, before, after, selector) => {
    const root = box();
    const stream = new MarkdownStream(root, WORDS);
    stream.update(before);
    const first = root.querySelector(selector);
    expect(first).not.toBeNull();
    const text = first?.firstChild;
    stream.update(after);
    expect(root.querySelector(selector)).toBe(first);
    stream.finish(after);
    expect(root.querySelector(selector)).toBe(first);
    expect(first?.firstChild).toBe(text);
  });

  test("a selection in finished text outlasts what comes after it", () => {
    const root = box();
    const stream = new MarkdownStream(root, WORDS);
    stream.update("One **two** three.\n\nFo");
    const range = document.createRange();
    range.selectNodeContents(root.querySelector("strong") as Element);
    stream.update("One **two** three.\n\nFour [x][1].\n\n[1]: https://example.com\n");
    stream.finish("One **two** three.\n\nFour [x][1].\n\n[1]: https://example.com\n");
    expect(range.toString()).toBe("two");
  });

  test("a different text replaces what was there", () => {
    const root = box();
    const stream = new MarkdownStream(root, WORDS);
    stream.update("One.\n\nTwo.\n\nThree");
    stream.update("");
    stream.update("Four");
    expect(root.innerHTML).toBe("<p>Four</p>");
  });

  test("nesting deeper than anyone reads is shown as it is, without an error", () => {
    const deep = ">".repeat(20_000);
    expect(rendered(deep).querySelector("pre")?.textContent).toBe(deep);
    const root = box();
    new MarkdownStream(root, WORDS).update(deep);
    expect(root.querySelector("pre")?.textContent).toBe(deep);
  });

  test("half an address is not shown as a whole one", () => {
    const root = box();
    const stream = new MarkdownStream(root, WORDS);
    for (const end of ["[", "[1", "[1]", "[1]:", "[1]: https://bank.example", '[1]: https://a.b "'])
      stream.update(`See [it][1].\n\n${end}`);
    expect(root.textContent).toBe("See it.");
    expect(root.querySelector("[data-address]")).toBeNull();
  });
});

describe("in parts", () => {
  const unwrapped = (root: Element) => [...root.children].map((part) => part.innerHTML).join("");

  test.each([...SAMPLES, ...HOSTILE])("are the same blocks in the same order: %#", (source) => {
    const whole = rendered(source, 60);
    expect(unwrapped(whole)).toBe(rendered(source).innerHTML);
    for (const size of [1, 7])
      expect(grow(source, () => size, undefined, 60).innerHTML).toBe(whole.innerHTML);
    expect(grow(source, pieces(77), undefined, 60).innerHTML).toBe(whole.innerHTML);
  });

  test("left before its end is drawn, and shown anew, they stay those that were there", () => {
    const source = `${"See [Log][1].\n\nIt was **often** so.\n\n".repeat(9)}[1]: https://example.com/log\n`;
    const root = box();
    const stream = new MarkdownStream(root, WORDS, undefined, 60);
    stream.update(source.slice(0, 300));
    const kept = [...root.querySelectorAll("strong")];
    const finishing = stream.finishing(source);
    for (let step = 0; step < 7; step++) expect(finishing.next().done).toBe(false);
    finishing.return();
    stream.update(source);
    stream.finish(source);
    expect(root.innerHTML).toBe(rendered(source, 60).innerHTML);
    expect(kept.length).toBeGreaterThan(5);
    expect([...root.querySelectorAll("strong")].slice(0, kept.length)).toEqual(kept);
    stream.update("Another.");
    expect(root.innerHTML).toBe('<div class="part"><p>Another.</p></div>');
  });

  test("stay small however much comes, and what is drawn for good never leaves its own", () => {
    const source = "Ten chars.\n\n".repeat(60);
    const homes = new Map<Element, Element | null>();
    const root = grow(
      source,
      () => 4,
      (growing) => {
        for (const block of growing.querySelectorAll("p")) {
          if (!homes.has(block)) homes.set(block, block.parentElement);
          expect(block.parentElement).toBe(homes.get(block));
        }
      },
      60,
    );
    expect(homes.size).toBe(60);
    expect([...root.children].map((part) => part.childElementCount)).toEqual(Array(12).fill(5));
  });
});

/** What one update costs, whatever the machine: characters lexed, and nodes made or changed. */
function costs(source: string, size = 4): { lexed: number; nodes: number }[] {
  const root = box();
  const stream = new MarkdownStream(root, WORDS);
  const blocks = vi.spyOn(Lexer.prototype, "blockTokens");
  const inline = vi.spyOn(Lexer.prototype, "inlineTokens");
  const watch = new MutationObserver(() => {});
  watch.observe(root, { subtree: true, childList: true, characterData: true });
  const all = [];
  for (let end = size; end < source.length; end += size) {
    stream.update(source.slice(0, end));
    const lexed = [...blocks.mock.calls, ...inline.mock.calls];
    const seen = watch.takeRecords();
    all.push({
      lexed: lexed.reduce((sum, [text]) => sum + text.length, 0),
      nodes: seen.reduce((sum, { addedNodes, removedNodes, type }) => {
        return sum + addedNodes.length + removedNodes.length + (type === "characterData" ? 1 : 0);
      }, 0),
    });
    blocks.mockClear();
    inline.mockClear();
  }
  watch.disconnect();
  return all;
}

const PARAGRAPH = "The keeper climbed the *stairs* and lit it `by hand`, see [the log][1].\n";

/** Texts whose one open block, or run of blocks, never ends. */
const ENDLESS: [string, string][] = [
  ["paragraphs", `${PARAGRAPH}\n`.repeat(150)],
  ["a block of code", "```python\n" + "    lamp.light(evening=True)  # by hand\n".repeat(300)],
  ["a table", "| year | *keeper* |\n|---|--:|\n" + "| 1861 | **Martha** [x][1] |\n".repeat(300)],
  ["a tight list", `- ${PARAGRAPH}`.repeat(150)],
  ["a loose list", `1. ${PARAGRAPH}\n`.repeat(150)],
  ["one item's paragraphs", "- first\n\n" + `  ${PARAGRAPH}\n`.repeat(150)],
  ["code in a list's item", "1. Run:\n\n   ```sh\n" + "   lamp --light --evening\n".repeat(400)],
  ["a nested list", "- outer\n" + `  - ${PARAGRAPH}`.repeat(150)],
  ["a table in an item", "- outer\n\n  |a|b|\n  |-|-|\n" + "  | 1861 | Martha |\n".repeat(300)],
  ["a quote", `> ${PARAGRAPH}>\n`.repeat(150)],
  ["code in a quote", "> ```sh\n" + "> lamp --light --evening\n".repeat(400)],
];

describe("the cost of a piece of text", () => {
  afterEach(() => vi.restoreAllMocks());

  test.each(ENDLESS)("does not grow with what came before it: %s", (_, source) => {
    const all = costs(source);
    const third = Math.floor(all.length / 3);
    const [first, last] = [all.slice(0, third), all.slice(-third)];
    for (const kind of ["lexed", "nodes"] as const) {
      const sum = (part: typeof all) => part.reduce((total, cost) => total + cost[kind], 0);
      const most = (part: typeof all) => Math.max(...part.map((cost) => cost[kind]));
      expect(sum(last)).toBeLessThan(sum(first) * 1.25 + 200);
      expect(most(last)).toBeLessThan(most(first) * 1.25 + 60);
    }
    expect(Math.max(...all.map(({ lexed }) => lexed))).toBeLessThan(1_500);
  });

  test("would be seen to grow where a whole block is lexed again", () => {
    const endless = "word ".repeat(1_000);
    const all = costs(endless);
    expect(all.at(-1)?.lexed).toBeGreaterThan(5_000);
  });
});
