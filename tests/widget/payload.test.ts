import { describe, expect, test } from "vitest";
import { Attachments } from "../../widget/src/core/attachments";
import { PAGE_LIMITS } from "../../widget/src/core/limits";
import {
  NO_CHOICE,
  pageContextOf,
  partsOf,
  receiptOf,
  type Choice,
} from "../../widget/src/core/payload";
import type { KeyValueStore, PageReading } from "../../widget/src/core/types";

const PAGE: PageReading = {
  url: "https://example.com/a",
  title: "A page",
  content: "First block.\n\nSecond block.",
  selections: [],
};

function parts(reading: PageReading, choice: Partial<Choice> = {}) {
  const attached = reading.selections.map((passage, number) => ({ number, passage }));
  return partsOf(reading, attached, { ...NO_CHOICE, ...choice });
}

function send(reading: PageReading, removed: readonly string[] = []) {
  return pageContextOf(parts(reading, { removed: new Set(removed) }));
}

function selecting(...texts: string[]): PageReading {
  const selections = texts.map((text) => ({ text, paragraph: `The paragraph of ${text}.` }));
  return { ...PAGE, selections };
}

describe("what is sent", () => {
  test("without a selection the page's text goes, with its title and address", () => {
    expect(send(PAGE)).toEqual({
      url: "https://example.com/a",
      title: "A page",
      content: "First block.\n\nSecond block.",
    });
  });

  test("with selections they go joined by a blank line, and of the page only their paragraphs", () => {
    expect(send(selecting("one", "two"))).toEqual({
      url: "https://example.com/a",
      title: "A page",
      textSelection: "one\n\ntwo",
      content: "The paragraph of one.\n\nThe paragraph of two.",
    });
  });

  test("a paragraph two selections stand in goes once", () => {
    const selections = ["one", "two"].map((text) => ({ text, paragraph: "Both." }));
    expect(send({ ...PAGE, selections })?.content).toBe("Both.");
  });

  test("a selection without a paragraph does not bring the page along", () => {
    const reading = { ...PAGE, selections: [{ text: "one", paragraph: null }] };
    expect(send(reading)).not.toHaveProperty("content");
  });

  test("the page's text comes along with a selection where the visitor adds it", () => {
    const added = pageContextOf(parts(selecting("one"), { wantsPage: true }));
    expect(added).toMatchObject({ textSelection: "one", content: PAGE.content });
  });

  test("a paragraph can be left out, and the page does not come in its place", () => {
    expect(send(selecting("one"), ["paragraph"])).not.toHaveProperty("content");
  });

  test.each([
    ["address", "url"],
    ["title", "title"],
    ["page", "content"],
  ])("the %s is left out when it is removed", (name, field) => {
    expect(send(PAGE)).toHaveProperty(field);
    expect(send(PAGE, [name])).not.toHaveProperty(field);
  });

  test("a removed selection takes its paragraph along", () => {
    const context = send(selecting("one", "two"), ["selection-0"]);
    expect(context).toMatchObject({ textSelection: "two", content: "The paragraph of two." });
  });

  test("nothing at all is sent as null", () => {
    expect(send(PAGE, ["address", "title", "page"])).toBeNull();
    expect(send({ url: null, title: null, content: null, selections: [] })).toBeNull();
  });
});

describe("the limits", () => {
  test.each([
    ["url", "address"],
    ["title", "title"],
    ["content", "page"],
  ] as const)("the %s is cut to its limit, and the part says by how much", (field, name) => {
    const over = { ...PAGE, [field]: "x".repeat(PAGE_LIMITS[field] + 7) };
    const part = parts(over).find((other) => other.name === name);
    expect(part?.text).toHaveLength(PAGE_LIMITS[field]);
    expect(part?.cut).toBe(7);
  });

  test("the selections together keep their limit", () => {
    const context = send(selecting("a".repeat(6_000), "b".repeat(6_000)));
    expect(context?.textSelection).toHaveLength(PAGE_LIMITS.textSelection);
  });

  test("what a removed selection leaves free is there for the others", () => {
    const context = send(selecting("a".repeat(6_000), "b".repeat(6_000)), ["selection-0"]);
    expect(context?.textSelection).toBe("b".repeat(6_000));
  });

  test("content is cut at a block where one ends near the limit", () => {
    const block = `${"x".repeat(998)}\n\n`;
    const [part] = parts({ ...PAGE, content: block.repeat(101) });
    expect(part?.text.endsWith("x")).toBe(true);
    expect((part?.text.length ?? 0) % 1000).toBe(998);
  });

  test("no character is cut in half, and half a character becomes a whole one", () => {
    const [part] = parts({ ...PAGE, content: `${"x".repeat(99_999)}😀` });
    expect(part).toMatchObject({ text: "x".repeat(99_999), cut: 2 });
    expect(send({ ...PAGE, content: "a\uD83Db" })?.content).toBe("a\uFFFDb");
  });
});

describe("masks", () => {
  const CARD = "4111 1111 1111 1111";

  test("stand in the text to be sent, each where the part says it does", () => {
    const [page] = parts({ ...PAGE, content: `Pay with ${CARD} today.` });
    expect(page?.text).toBe("Pay with [card number masked] today.");
    const [mask] = page?.masks ?? [];
    expect(page?.text.slice(mask?.start, mask?.end)).toBe("[card number masked]");
    expect(mask?.secret).toBe(CARD);
  });

  test("stand in the selection, the title and the address too", () => {
    const context = send({
      url: "https://example.com/?access_token=abcdef123456&page=2",
      title: `Card ${CARD}`,
      content: null,
      selections: [{ text: CARD, paragraph: `It is ${CARD}.` }],
    });
    expect(context).toEqual({
      url: "https://example.com/?access_token=masked&page=2",
      title: "Card [card number masked]",
      textSelection: "[card number masked]",
      content: "It is [card number masked].",
    });
  });

  test("can be undone one by one, each in its own part", () => {
    const other = "5500 0000 0000 0004";
    const attachments = new Attachments();
    attachments.show({ ...PAGE, title: CARD, content: `${CARD}, ${other}` });
    attachments.toggleMask("page", CARD);
    expect(attachments.context).toMatchObject({
      title: "[card number masked]",
      content: `${CARD}, [card number masked]`,
    });
    attachments.toggleMask("page", CARD);
    expect(attachments.context?.content).not.toContain(CARD);
  });

  test("leave no half of a secret at the limit", () => {
    const before = "x".repeat(PAGE_LIMITS.content - 5);
    const [page] = parts({ ...PAGE, content: `${before} ${CARD} after` });
    expect(page?.text).toBe(`${before} `);
    expect(page?.masks).toEqual([]);
  });
});

describe("a receipt", () => {
  test("knows the parts that went, and nothing of it is sent", () => {
    const context = send(selecting("one"), ["title"]);
    const names = context && receiptOf(context)?.map(({ name }) => name);
    expect(names).toEqual(["selection", "paragraph", "address"]);
    expect(Object.keys(JSON.parse(JSON.stringify(context)) as object).sort()).toEqual([
      "content",
      "textSelection",
      "url",
    ]);
  });
});

describe("attachments", () => {
  const passage = { text: "one", paragraph: null };

  function shown(): Attachments {
    const attachments = new Attachments();
    attachments.show(PAGE);
    return attachments;
  }

  test("what a chip shows is what is sent, to the letter", () => {
    const attachments = shown();
    const [content] = attachments.parts;
    expect(attachments.context?.content).toBe(content?.text);
  });

  test("a part that was left out can be taken in again", () => {
    const attachments = shown();
    attachments.toggle("title");
    expect(attachments.context).not.toHaveProperty("title");
    attachments.toggle("title");
    expect(attachments.context).toHaveProperty("title");
  });

  test("a selection made before the page was read stays when it is", () => {
    const attachments = new Attachments();
    attachments.add(passage);
    attachments.show(PAGE);
    expect(attachments.context?.textSelection).toBe("one");
  });

  test("a selection stays when the same page is read again, and at another place in it", () => {
    const attachments = shown();
    attachments.add(passage);
    attachments.show(PAGE);
    attachments.show({ ...PAGE, url: `${PAGE.url}#part` });
    expect(attachments.context?.textSelection).toBe("one");
  });

  test.each(["https://example.com/b", "https://example.com/a#/route"])(
    "a selection goes with its page when %s is shown",
    (url) => {
      const attachments = shown();
      attachments.add(passage);
      attachments.show({ ...PAGE, url });
      expect(attachments.context).not.toHaveProperty("textSelection");
    },
  );

  test("selections gather until they are sent; the next one then stands alone", () => {
    const attachments = shown();
    attachments.add(passage);
    attachments.add({ text: "two", paragraph: null });
    expect(attachments.context?.textSelection).toBe("one\n\ntwo");
    attachments.markSent();
    expect(attachments.context?.textSelection).toBe("one\n\ntwo");
    attachments.add({ text: "three", paragraph: null });
    expect(attachments.context?.textSelection).toBe("three");
  });

  test("asking about the same passage again takes it in again, once", () => {
    const attachments = shown();
    attachments.add(passage);
    attachments.toggle("selection-0");
    attachments.add(passage);
    expect(attachments.context?.textSelection).toBe("one");
  });

  test("what the visitor left out stays out on the next reading", () => {
    const attachments = shown();
    attachments.toggle("address");
    attachments.show({ ...PAGE, url: "https://example.com/b" });
    expect(attachments.context).not.toHaveProperty("url");
  });

  test("with a selection the page is added by one press, and let go with the selection", () => {
    const attachments = shown();
    attachments.add(passage);
    expect(attachments.context).not.toHaveProperty("content");
    attachments.toggle("page");
    expect(attachments.context?.content).toBe(PAGE.content);
    attachments.markSent();
    attachments.add({ text: "two", paragraph: null });
    expect(attachments.context).not.toHaveProperty("content");
  });

  test("a page that became another one leaves nothing behind, until the new one is taken", () => {
    const attachments = shown();
    attachments.add(passage);
    attachments.leave();
    expect(attachments.isLeft).toBe(true);
    expect(attachments.context).toBeNull();
    attachments.show({ ...PAGE, url: "https://example.com/b" });
    expect(attachments.isLeft).toBe(false);
    expect(attachments.context?.url).toBe("https://example.com/b");
  });
});

describe("what is remembered of a site", () => {
  function store(): KeyValueStore & { kept: Map<string, string> } {
    const kept = new Map<string, string>();
    return {
      kept,
      get: async (key) => kept.get(key) ?? null,
      set: async (key, value) => void kept.set(key, value),
      remove: async (key) => void kept.delete(key),
    };
  }

  async function visit(memory: KeyValueStore, url = PAGE.url): Promise<Attachments> {
    const attachments = new Attachments(memory);
    attachments.show({ ...PAGE, url });
    await Promise.resolve();
    return attachments;
  }

  test("is what its visitor left out, for the next page and the next visit", async () => {
    const memory = store();
    const first = await visit(memory);
    first.toggle("address");
    expect((await visit(memory, "https://example.com/b")).context).toEqual({
      title: PAGE.title,
      content: PAGE.content,
    });
    expect((await visit(memory, "https://example.org/")).context).toHaveProperty("url");
    first.toggle("address");
    expect(memory.kept.size).toBe(0);
  });

  test("is nothing before they change something, and no selection or secret ever", async () => {
    const memory = store();
    const attachments = await visit(memory);
    attachments.add({ text: "4111 1111 1111 1111", paragraph: "p" });
    const [selection] = attachments.parts;
    attachments.toggleMask(selection?.id ?? "", "4111 1111 1111 1111");
    attachments.toggle("paragraph");
    attachments.toggle(selection?.id ?? "");
    expect(memory.kept.size).toBe(0);
  });

  test("is in force before the first part is shown", async () => {
    const memory = store();
    (await visit(memory)).toggle("page");
    const attachments = new Attachments(memory);
    const seen: (string | undefined)[] = [];
    attachments.subscribe(() => seen.push(attachments.context?.content));
    attachments.show(PAGE);
    await Promise.resolve();
    expect(seen).toEqual([undefined]);
  });
});
