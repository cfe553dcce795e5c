// @vitest-environment jsdom
import { beforeEach, describe, expect, test } from "vitest";
import { readSelection } from "../../widget/src/context/selection";

/** Selects from the first `[` to the last `]` written into the page's text, and takes both out. */
function select(body: string): void {
  document.body.innerHTML = body;
  const range = document.createRange();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode as Text;
    const start = text.data.indexOf("[");
    if (start >= 0) {
      text.deleteData(start, 1);
      range.setStart(text, start);
    }
    const end = text.data.indexOf("]");
    if (end >= 0) {
      text.deleteData(end, 1);
      range.setEnd(text, end);
    }
  }
  getSelection()?.removeAllRanges();
  getSelection()?.addRange(range);
}

beforeEach(() => getSelection()?.removeAllRanges());

describe("a selection", () => {
  test("comes with the paragraph around it", () => {
    select("<p>Not this.</p><p>The [lamp] burns.</p>");
    expect(readSelection(document)).toEqual({ text: "lamp", paragraph: "The lamp burns." });
  });

  test("over several blocks comes with all of them", () => {
    select("<div><p>One [two</p><p>three</p><p>four] five</p><p>six</p></div>");
    expect(readSelection(document)?.paragraph).toBe("One two\n\nthree\n\nfour five");
  });

  test("of a whole paragraph needs none around it", () => {
    select("<p>[The lamp burns.]</p>");
    expect(readSelection(document)).toEqual({ text: "The lamp burns.", paragraph: null });
  });

  test("of a whole paragraph that ends before the next one, as after a triple click, leaves that out", () => {
    select("<div><p>[The lamp burns.</p><script>x()</script><p>]Nobody meant this.</p></div>");
    expect(readSelection(document)).toEqual({ text: "The lamp burns.", paragraph: null });
  });

  test("that begins behind the paragraph before leaves that out", () => {
    select("<div><p>Nobody meant this.[</p><p>The lamp] burns.</p></div>");
    expect(readSelection(document)?.paragraph).toBe("The lamp burns.");
  });

  test("in a block as large as a page stands alone", () => {
    select(`<div>The [lamp] burns. ${"And burns. ".repeat(1_000)}</div>`);
    expect(readSelection(document)).toEqual({ text: "lamp", paragraph: null });
  });

  test("of nothing, or of white space, is none", () => {
    select("<p>a[ ]b</p>");
    expect(readSelection(document)).toBeNull();
    getSelection()?.removeAllRanges();
    expect(readSelection(document)).toBeNull();
  });

  test("in an ignored part is none, and an ignored part does not come along", () => {
    select("<p data-asklight-ignore>The [lamp]</p>");
    expect(readSelection(document)).toBeNull();
    select("<p>The [lamp] burns. <b data-asklight-ignore>SECRET</b></p>");
    expect(readSelection(document)?.paragraph).toBe("The lamp burns.");
  });

  test("leaves out characters nobody sees", () => {
    select("<p>The [la\u200Bm\u202Ep] burns.</p>");
    expect(readSelection(document)?.text).toBe("lamp");
  });
});

describe("a selection in a field", () => {
  function selectIn(html: string): void {
    document.body.innerHTML = html;
    const field = document.body.firstElementChild as HTMLInputElement;
    field.focus();
    field.setSelectionRange(4, 8);
  }

  test.each(["<textarea>The lamp burns.</textarea>", '<input value="The lamp burns.">'])(
    "is read in %s",
    (html) => {
      selectIn(html);
      expect(readSelection(document)).toEqual({ text: "lamp", paragraph: null });
    },
  );

  test.each([
    '<input type=password value="The lamp burns.">',
    '<input autocomplete=cc-number value="The lamp burns.">',
    '<input autocomplete=one-time-code value="The lamp burns.">',
    '<input autocomplete=current-password value="The lamp burns.">',
  ])("is never read in %s", (html) => {
    selectIn(html);
    expect(readSelection(document)).toBeNull();
  });

  test("of a type that has none is none", () => {
    document.body.innerHTML = "<input type=email value=a@example.com>";
    (document.body.firstElementChild as HTMLElement).focus();
    expect(readSelection(document)).toBeNull();
  });
});
