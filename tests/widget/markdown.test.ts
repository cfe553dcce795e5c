// @vitest-environment jsdom
import { beforeEach, describe, expect, test, vi } from "vitest";
import { checkedAddress } from "../../widget/src/ui/markdown/address";
import { handleLinks } from "../../widget/src/ui/markdown/links";
import { MarkdownStream } from "../../widget/src/ui/markdown/stream";
import { HOSTILE, SAMPLES } from "./markdown-samples";

function box(): HTMLElement {
  return document.body.appendChild(document.createElement("div"));
}

function rendered(source: string): HTMLElement {
  const root = box();
  new MarkdownStream(root, "Sources").finish(source);
  return root;
}

/** The text of what is shown for a source while nothing but a prefix of it has come. */
function* prefixes(source: string): Generator<HTMLElement> {
  const root = box();
  const stream = new MarkdownStream(root, "Sources");
  for (let end = 1; end <= source.length; end++) {
    stream.update(source.slice(0, end));
    yield root;
  }
  stream.finish(source);
  yield root;
}

beforeEach(() => document.body.replaceChildren());

describe("markdown", () => {
  test.each([
    ["a *b* **c** ~~d~~ `e`", "<p>a <em>b</em> <strong>c</strong> <del>d</del> <code>e</code></p>"],
    ["snake_case_name 2*3*4", "<p>snake_case_name 2<em>3</em>4</p>"],
    ["# One\n\n### Three", "<h4>One</h4><h6>Three</h6>"],
    ["- a\n- b\n  1. c", "<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>"],
    ["3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'],
    ["- a\n\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>"],
    ["- [ ] a\n- [x] b", "<ul><li>☐ a</li><li>☑ b</li></ul>"],
    ["> a\n> b", "<blockquote><p>a\nb</p></blockquote>"],
    ["~~~js\nlet a = [1];\n~~~", '<pre tabindex="0"><code>let a = [1];</code></pre>'],
    ["a  \nb", "<p>a<br>b</p>"],
    ["---", "<hr>"],
    ["\\*a\\* &amp; &#x41; &hellip; &nope;", "<p>*a* &amp; A … &amp;nope;</p>"],
    ["`&amp;`", "<p><code>&amp;amp;</code></p>"],
    [
      "|a|b|\n|-|:-:|\n|1|2|",
      '<div class="wide" tabindex="0"><table><thead><tr><th>a</th><th class="center">b</th></tr></thead>' +
        '<tbody><tr><td>1</td><td class="center">2</td></tr></tbody></table></div>',
    ],
  ])("%j", (source, html) => {
    expect(rendered(source).innerHTML).toBe(html);
  });

  test("raw HTML is shown as it was written", () => {
    const source = "<img src=x onerror=alert(1)>\n\na <b>c</b> <!-- d -->";
    expect(rendered(source).textContent).toBe("<img src=x onerror=alert(1)>a <b>c</b> <!-- d -->");
    expect(rendered(source).querySelector("img, b")).toBeNull();
  });

  test("a picture is a link that names it", () => {
    const link = rendered("![A cat](https://example.com/cat.png)").querySelector("a");
    expect(link?.textContent).toBe("A cat");
    expect(link?.getAttribute("data-address")).toBe("https://example.com/cat.png");
  });
});

describe("growing text", () => {
  test.each(SAMPLES)("ends as if it had come at once: %#", (source) => {
    for (const size of [1, 4, 7]) {
      const root = box();
      const stream = new MarkdownStream(root, "Sources");
      for (let end = size; end < source.length; end += size) stream.update(source.slice(0, end));
      stream.finish(source);
      expect(root.innerHTML).toBe(rendered(source).innerHTML);
    }
  });

  test("leaves finished blocks alone", () => {
    const root = box();
    const stream = new MarkdownStream(root, "Sources");
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

  test("a list that grows keeps its finished items", () => {
    const root = box();
    const stream = new MarkdownStream(root, "Sources");
    stream.update("- one\n- tw");
    const item = root.querySelector("li");
    stream.update("- one\n- two\n- three");
    expect(root.querySelector("li")).toBe(item);
    expect(root.querySelectorAll("li")).toHaveLength(3);
  });

  test("lexes no more of a long answer than its open end", () => {
    const root = box();
    const stream = new MarkdownStream(root, "Sources");
    const start = "A paragraph of some length.\n\n".repeat(200);
    stream.update(start);
    const slice = vi.spyOn(String.prototype, "slice");
    stream.update(`${start}And`);
    const lengths = slice.mock.results.map(({ value }) => (value as string).length);
    slice.mockRestore();
    expect(Math.max(...lengths)).toBeLessThan(200);
  });

  test("a different text replaces what was there", () => {
    const root = box();
    const stream = new MarkdownStream(root, "Sources");
    stream.update("One.\n\nTwo.\n\nThree");
    stream.update("");
    stream.update("Four");
    expect(root.innerHTML).toBe("<p>Four</p>");
  });

  test("nesting deeper than anyone reads is shown as it is, without an error", () => {
    const deep = ">".repeat(20_000);
    expect(rendered(deep).textContent).toBe(deep);
  });
});

describe("citations", () => {
  const SOURCE =
    'It burns [The lamp][1] and shines [2], arr[0].\n\n[1]: https://example.com/a "The lamp"\n[2]: https://example.org/b';

  test("are chips with a list of sources", () => {
    const root = rendered(SOURCE);
    const chips = [...root.querySelectorAll(".citation")];
    expect(chips.map(({ textContent }) => textContent)).toEqual(["The lamp", "2"]);
    expect(root.querySelector("p")?.textContent).toBe("It burns The lamp and shines 2, arr[0].");
    const sources = [...root.querySelectorAll<HTMLLIElement>(".sources li")];
    expect(sources.map((item) => [item.value, item.textContent])).toEqual([
      [1, "The lamp (example.com)"],
      [2, "example.org"],
    ]);
  });

  test("are chips before their definition has come", () => {
    const root = box();
    new MarkdownStream(root, "Sources").update("It burns [The lamp][1] and");
    expect(root.querySelector(".citation")?.textContent).toBe("The lamp");
    expect(root.querySelector("[data-address]")).toBeNull();
  });

  test("without a definition are what was written", () => {
    expect(rendered("It burns [The lamp][1].").innerHTML).toBe("<p>It burns [The lamp][1].</p>");
  });

  test("to an address that is none are plain text, and no source", () => {
    const root = rendered('See [it][1].\n\n[1]: javascript:alert(1) "it"');
    expect(root.querySelector("a, .sources")).toBeNull();
    expect(root.textContent).toBe("See it.");
  });
});

describe("links", () => {
  test.each([
    ["https://example.com/a?b#c", "example.com"],
    ["http://example.com:8080/", "example.com:8080"],
    ["HTTPS://EXAMPLE.COM", "example.com"],
    ["mailto:a@example.com", "a@example.com"],
    ["https://exämple.com/", "xn--exmple-cua.com"],
  ])("%s leads to %s", (text, place) => {
    expect(checkedAddress(text)?.place).toBe(place);
  });

  test.each([
    "javascript:alert(1)",
    "java\nscript:alert(1)",
    " javascript:alert(1)",
    "JAVASCRIPT:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://example.com/x",
    "chrome://settings",
    "ftp://example.com",
    "https://bank.example@evil.example/",
    "//example.com",
    "/a",
    "#a",
    "",
  ])("%j leads nowhere", (text) => {
    expect(checkedAddress(text)).toBeNull();
  });

  test("say their host where the label does not", () => {
    expect(rendered("[here](https://example.com/a)").textContent).toBe("here (example.com)");
    expect(rendered("https://example.com/a").textContent).toBe("https://example.com/a");
  });

  function usedLink(type: string, init: EventInit = {}) {
    const root = rendered("[here](https://example.com/a)");
    const life = new AbortController();
    handleLinks(root, life.signal);
    const link = root.querySelector("a") as HTMLAnchorElement;
    let hrefThen: string | null = null;
    root.addEventListener(type, (event) => {
      hrefThen = link.getAttribute("href");
      event.preventDefault();
    });
    link.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true, ...init }));
    return { link, hrefThen, life };
  }

  test.each(["click", "auxclick", "contextmenu"])(
    "have their address for the moment of a %s",
    async (type) => {
      const { link, hrefThen } = usedLink(type);
      expect(hrefThen).toBe("https://example.com/a");
      await new Promise((resolve) => setTimeout(resolve));
      expect(link.hasAttribute("href")).toBe(false);
    },
  );

  test.each(["mouseover", "pointerdown", "focus"])("have no address at a %s", (type) => {
    expect(usedLink(type).hrefThen).toBeNull();
  });

  test("are followed by Enter", () => {
    const root = rendered("[here](https://example.com/a)");
    handleLinks(root, new AbortController().signal);
    const followed = vi.fn((event: Event) => event.preventDefault());
    root.addEventListener("click", followed);
    const enter = new KeyboardEvent("keydown", { key: "Enter", bubbles: true });
    root.querySelector("a")?.dispatchEvent(enter);
    expect(followed).toHaveBeenCalledOnce();
  });

  test("tell their target nothing about the page", () => {
    const link = rendered("[here](https://example.com/a)").querySelector("a");
    expect(link?.rel).toBe("noopener noreferrer");
    expect(link?.getAttribute("referrerpolicy")).toBe("no-referrer");
    expect(link?.getAttribute("role")).toBe("link");
    expect(link?.tabIndex).toBe(0);
  });
});

const ELEMENTS = new Set(
  (
    "p em strong del code pre br hr h4 h5 h6 ul ol li blockquote div table thead tbody tr th td " +
    "a span section"
  ).split(" "),
);
const ATTRIBUTES = new Set(
  "class tabindex role target rel referrerpolicy data-address start value".split(" "),
);
const CLASSES = /^(wide|center|right|place|citation|sources)$/;

function faultsOf(root: HTMLElement): string[] {
  const faults: string[] = [];
  for (const element of root.querySelectorAll("*")) {
    if (!ELEMENTS.has(element.localName)) faults.push(element.localName);
    for (const { name, value } of element.attributes) {
      if (!ATTRIBUTES.has(name)) faults.push(name);
      if (name === "class" && !CLASSES.test(value)) faults.push(value);
      if (name === "data-address" && !/^(https?|mailto):/.test(value)) faults.push(value);
    }
  }
  return faults;
}

describe("hostile text", () => {
  test.each(HOSTILE)("is harmless whole, and at every prefix: %j", (source) => {
    for (const root of prefixes(source)) expect(faultsOf(root)).toEqual([]);
  });

  test("would be found by this check if it were set as markup", () => {
    const root = box();
    const faults = HOSTILE.filter((source) => {
      root.innerHTML = source;
      return faultsOf(root).length > 0;
    });
    expect(faults.length).toBeGreaterThan(8);
  });
});
