// @vitest-environment jsdom
import { beforeEach, describe, expect, test, vi } from "vitest";
import { checkedAddress } from "../../widget/src/ui/markdown/address";
import { handleLinks } from "../../widget/src/ui/markdown/links";
import { MarkdownStream } from "../../widget/src/ui/markdown/stream";
import { createSources, listedSources } from "../../widget/src/ui/markdown/sources";
import { box, markup, rendered, WORDS } from "./markdown-box";

beforeEach(() => document.body.replaceChildren());

describe("markdown", () => {
  test.each([
    ["a *b* **c** ~~d~~ `e`", "<p>a <em>b</em> <strong>c</strong> <del>d</del> <code>e</code></p>"],
    ["snake_case_name 2*3*4", "<p>snake_case_name 2<em>3</em>4</p>"],
    ["# One\n\n### Three", "<h4>One</h4><h6>Three</h6>"],
    ["- a\n- b\n  1. c", "<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>"],
    ["3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'],
    ["- a\n\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>"],
    ["- [ ] a\n- [x] b", '<ul><li class="task">☐ a</li><li class="task">☑ b</li></ul>'],
    ["> a\n> b", "<blockquote><p>a\nb</p></blockquote>"],
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
    expect(markup(rendered(source))).toBe(html);
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

describe("code", () => {
  test("stands in a box with its language, and a button that copies it", () => {
    const root = rendered('~~~JS title="a.js"\nlet a = [1];\n\n~~~');
    expect(markup(root)).toBe(
      '<div class="code"><div class="code-bar"><span>JS</span>' +
        '<button type="button" class="copy-code">Copy code</button></div>' +
        '<pre tabindex="0"><code>let a = [1];\n</code></pre></div>',
    );
  });

  test.each([
    ["```\nx\n```", ""],
    ["```{.python}\nx\n```", ""],
    ["```c++,ignore\nx\n```", "c++"],
    [`\`\`\`${"x".repeat(100)}\nx\n\`\`\``, "x".repeat(24)],
    ["    x", ""],
  ])("is named by the first word behind its fence: %j", (source, name) => {
    expect(rendered(source).querySelector(".code-bar span")?.textContent).toBe(name);
  });
});

describe("maths", () => {
  test.each([
    "$x_1 + y_1 = z_1$",
    "$a*b*c$",
    "$$\\sum_{i=1}^n *i*$$",
    "\\(x_1 * y_1 * z_1\\)",
    "\\[ a_1 \\\\ b_1 \\]",
    "$\\{a_i\\}$",
  ])("is left as it was written: %s", (formula) => {
    const root = rendered(`Since ${formula} it burns *well*.`);
    expect(root.querySelector("span.math")?.textContent).toBe(formula);
    expect(root.textContent).toBe(`Since ${formula} it burns well.`);
  });

  test.each(["$$\n- a_1\n+ b_1 * c_1\n=\n$$", "\\[\n# a_1\n- b_1\n\\]", "$$ x_1 *y* z_1 $$"])(
    "is left as it was written on lines of its own: %j",
    (formula) => {
      for (const source of [formula, `Since\n${formula}\nit burns.`, `Since\n\n${formula}\n\nit.`])
        expect(rendered(source).querySelector("p.math")?.textContent).toBe(formula);
    },
  );

  test.each([
    ["It costs $5 and *not* $10.", "It costs $5 and not $10."],
    ["$5 *and* $10", "$5 and $10"],
    ["US$ 5, *US$* 6", "US$ 5, US$ 6"],
    ["\\(never *closed*", "(never closed"],
    ["$$ *never* closed", "$$ never closed"],
  ])("is not what costs money, or never ends: %s", (source, text) => {
    const root = rendered(source);
    expect(root.textContent).toBe(text);
    expect(root.querySelector("em")).not.toBeNull();
    expect(root.querySelector(".math")).toBeNull();
  });

  test("emphasis that begins before a formula ends behind it", () => {
    const root = rendered("*so $a*b$ is* it");
    expect(root.querySelector("em")?.textContent).toBe("so $a*b$ is");
  });
});

/** The list of sources under a text that came at once. */
function sourcesOf(source: string, named: Parameters<typeof listedSources>[1] = []) {
  const stream = new MarkdownStream(box(), WORDS);
  stream.finish(source);
  const list = createSources(listedSources(stream.links, named), "Sources");
  return [...(list?.querySelectorAll("li") ?? [])].map((item) => [item.value, item.textContent]);
}

describe("citations", () => {
  const SOURCE =
    'It burns [The lamp][1] and shines [2], arr[0].\n\n[1]: https://example.com/a "The lamp"\n[2]: https://example.org/b';

  test("are chips that say their host, with a list of sources", () => {
    const chips = [...rendered(SOURCE).querySelectorAll(".citation")];
    expect(chips.map(({ textContent }) => textContent)).toEqual([
      "The lamp example.com",
      "2 example.org",
    ]);
    expect(sourcesOf(SOURCE)).toEqual([
      [1, "The lamp (example.com)"],
      [2, "example.org"],
    ]);
  });

  test.each(["It burns [The lamp][1] and", "It burns [1] and", "It burns.[1]"])(
    "are chips before their definition has come: %s",
    (source) => {
      const root = box();
      const stream = new MarkdownStream(root, WORDS);
      stream.update(source);
      expect(root.querySelector("span.citation")).not.toBeNull();
      expect(root.querySelector("[data-address]")).toBeNull();
      stream.finish(`${source}\n\n[1]: https://example.com/a`);
      expect(root.querySelector("a.citation")).not.toBeNull();
    },
  );

  test("an index of a list in a program is none", () => {
    const root = box();
    new MarkdownStream(root, WORDS).update("Then arr[0] and f()[3] and `m[1][2]`");
    expect(root.querySelector(".citation")).toBeNull();
  });

  test("right under a paragraph, or in a list's item, count too", () => {
    for (const before of ["See [it][1].", "- See [it][1].", "> See [it][1].\n"]) {
      const source = `${before}\n[1]: https://example.com/a "It"\n[2]: https://example.org/b`;
      expect(rendered(source).textContent?.trim()).toBe("See it example.com.");
      expect(sourcesOf(source)).toHaveLength(2);
    }
  });

  test("without a definition are what was written", () => {
    for (const source of ["It burns [The lamp][1].", "It burns [1]."]) {
      const root = box();
      const stream = new MarkdownStream(root, WORDS);
      stream.update(source);
      stream.finish(source);
      expect(markup(root)).toBe(`<p>${source}</p>`);
    }
  });

  test("to an address that is none are plain text, and no source", () => {
    const source = 'See [it][1].\n\n[1]: javascript:alert(1) "it"';
    const root = rendered(source);
    expect(root.querySelector("a")).toBeNull();
    expect(root.textContent).toBe("See it.");
    expect(sourcesOf(source)).toEqual([]);
  });

  test("are listed with what the stream names besides, each address once", () => {
    expect(
      sourcesOf(SOURCE, [
        { url: "https://example.com/a", title: "Again" },
        { url: "https://example.net/c", title: "The log" },
        { url: "https://example.net/c", title: null },
        { url: "javascript:alert(1)", title: "No" },
        { url: null, title: "keepers.pdf" },
      ]).map(([, text]) => text),
    ).toEqual(["The lamp (example.com)", "example.org", "The log (example.net)", "keepers.pdf"]);
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

  test("to a passage of this page go there, unless a key asks for a tab", () => {
    const root = rendered("[here](https://example.com/a)");
    const showPassage = vi.fn(() => Promise.resolve(true));
    handleLinks(root, new AbortController().signal, showPassage);
    const link = root.querySelector("a") as HTMLAnchorElement;
    const click = (init: MouseEventInit) => {
      const event = new MouseEvent("click", { bubbles: true, cancelable: true, ...init });
      root.addEventListener("click", (seen) => seen.preventDefault(), { once: true });
      link.dispatchEvent(event);
      return link.hasAttribute("href");
    };
    expect(click({})).toBe(false);
    expect(showPassage).toHaveBeenCalledExactlyOnceWith("https://example.com/a");
    expect(click({ ctrlKey: true })).toBe(true);
    expect(showPassage).toHaveBeenCalledOnce();
  });

  test("to a passage that turns out not to be there are followed after all", async () => {
    const root = rendered("[here](https://example.com/a)");
    handleLinks(root, new AbortController().signal, () => Promise.resolve(false));
    const followed = new Promise<string>((resolve) =>
      vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (
        this: HTMLAnchorElement,
      ) {
        resolve(`${this.target} ${this.rel} ${this.href}`);
      }),
    );
    root
      .querySelector("a")
      ?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
    expect(await followed).toBe("_blank noopener noreferrer https://example.com/a");
    vi.restoreAllMocks();
  });

  test("tell their target nothing about the page", () => {
    const link = rendered("[here](https://example.com/a)").querySelector("a");
    expect(link?.rel).toBe("noopener noreferrer");
    expect(link?.getAttribute("referrerpolicy")).toBe("no-referrer");
    expect(link?.getAttribute("role")).toBe("link");
    expect(link?.tabIndex).toBe(0);
  });
});
