import { describe, expect, test } from "vitest";
import { Attachments } from "../../widget/src/core/attachments";
import { PAGE_LIMITS } from "../../widget/src/core/limits";
import { pageContextOf, partsOf } from "../../widget/src/core/payload";
import type { PageReading } from "../../widget/src/core/types";

const NONE: ReadonlySet<string> = new Set();

const PAGE: PageReading = {
  url: "https://example.com/a",
  title: "A page",
  content: "First block.\n\nSecond block.",
  selections: [],
};

function send(reading: PageReading, removed: readonly string[] = []) {
  return pageContextOf(partsOf(reading, new Set(removed)));
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

  test.each(["address", "title", "content"])("the %s is left out when it is removed", (name) => {
    const field = name === "address" ? "url" : name;
    expect(send(PAGE)).toHaveProperty(field);
    expect(send(PAGE, [name])).not.toHaveProperty(field);
  });

  test("a removed selection takes its paragraph along", () => {
    const context = send(selecting("one", "two"), ["selection-0"]);
    expect(context).toMatchObject({ textSelection: "two", content: "The paragraph of two." });
  });

  test("nothing at all is sent as null", () => {
    expect(send(PAGE, ["address", "title", "content"])).toBeNull();
    expect(send({ url: null, title: null, content: null, selections: [] })).toBeNull();
  });
});

describe("the limits", () => {
  test.each([
    ["url", "address"],
    ["title", "title"],
    ["content", "content"],
  ] as const)("the %s is cut to its limit, and the part says by how much", (field, name) => {
    const over = { ...PAGE, [field]: "x".repeat(PAGE_LIMITS[field] + 7) };
    const part = partsOf(over, NONE).find((other) => other.name === name);
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
    const [part] = partsOf({ ...PAGE, content: block.repeat(101) }, NONE);
    expect(part?.text.endsWith("x")).toBe(true);
    expect((part?.text.length ?? 0) % 1000).toBe(998);
  });

  test("no character is cut in half, and half a character becomes a whole one", () => {
    const [part] = partsOf({ ...PAGE, content: `${"x".repeat(99_999)}😀` }, NONE);
    expect(part).toMatchObject({ text: "x".repeat(99_999), cut: 2 });
    expect(send({ ...PAGE, content: "a\uD83Db" })?.content).toBe("a\uFFFDb");
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
});
