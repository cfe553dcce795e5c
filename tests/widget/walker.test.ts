// @vitest-environment jsdom
import { beforeEach, describe, expect, test } from "vitest";
import { readPage } from "../../widget/src/context/page";
import { visibleText } from "../../widget/src/context/walker";

function textOf(body: string): string {
  document.body.innerHTML = body;
  return visibleText(document);
}

const LONG = "The lamp at the end of the pier was lit every evening by the same keeper. ".repeat(4);

beforeEach(() => {
  document.head.innerHTML = "";
  document.body.innerHTML = "";
});

describe("visible text", () => {
  test("sets blocks apart by blank lines, and items and rows by lines", () => {
    const body =
      "<h1>Title</h1><p>One <b>two</b>\n three.</p><ul><li>a</li><li>b</li></ul>" +
      "<table><tr><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr></table><p>x<br>y</p>";
    expect(textOf(body)).toBe("Title\n\nOne two three.\n\na\nb\n\n1 2\n3 4\n\nx\ny");
  });

  test("joins what stands in one line", () => {
    expect(textOf("<p>un<i>broken</i> <span> words </span>here</p>")).toBe("unbroken words here");
  });

  test("keeps preformatted text as it is", () => {
    expect(textOf("<pre>a\n  b\n\n\tc</pre>")).toBe("a\n  b\n\n\tc");
  });

  test.each([
    ["a password", "<input type=password value=SECRET>"],
    ["a form value", "<input value=SECRET><textarea>SECRET</textarea>"],
    ["a choice", "<select><option>SECRET</option></select>"],
    ["an ignored part", "<div data-asklight-ignore>SECRET<p>SECRET</p></div>"],
    ["hidden text", "<p hidden>SECRET</p>"],
    ["undisplayed text", '<p style="display:none">SECRET</p>'],
    ["invisible text", '<p style="visibility:hidden">SECRET</p>'],
    ["transparent text", '<p style="opacity:0">SECRET</p>'],
    ["text without size", '<p style="font-size:0px">SECRET</p>'],
    ["text clipped away", '<p style="position:absolute;clip-path:inset(50%)">SECRET</p>'],
    [
      "text clipped away the old way",
      '<p style="position:absolute;clip:rect(0px,0px,0px,0px)">SECRET</p>',
    ],
    ["text off the screen", '<p style="position:absolute;left:-9999px">SECRET</p>'],
    ["text indented off the screen", '<p style="text-indent:-9999px">SECRET</p>'],
    ["what a closed disclosure holds", "<details><summary>Open</summary>SECRET</details>"],
    [
      "scripts, styles and templates",
      "<script>SECRET</script><style>SECRET</style><template>SECRET</template>",
    ],
    ["what is there without script", "<noscript>SECRET</noscript>"],
    ["navigation", "<nav>SECRET</nav><div role=navigation>SECRET</div><div role=menu>SECRET</div>"],
    ["the page's own edges", "<header>SECRET</header><footer>SECRET</footer>"],
    ["buttons", "<button>SECRET</button>"],
    ["a text box of the page's making", "<div role=textbox contenteditable>SECRET</div>"],
    [
      "what is being written",
      "<div contenteditable>SECRET</div><p contenteditable=true>SECRET</p>",
    ],
    ["the widget", "<asklight-widget>SECRET</asklight-widget>"],
    ["comments", "<!-- SECRET -->"],
  ])("leaves out %s", (_, html) => {
    expect(textOf(`<p>before</p>${html}<p>after</p>`)).not.toContain("SECRET");
    expect(textOf(`<p>before</p>${html}<p>after</p>`)).toMatch(/^before[^]*after$/);
  });

  test("shows what is visible inside something invisible", () => {
    const html =
      '<div style="visibility:hidden">no<span style="visibility:visible">yes</span></div>';
    expect(textOf(html)).toBe("yes");
  });

  test("keeps the header and footer of an article", () => {
    expect(textOf(`<article><header>Title</header><p>${LONG}</p></article>`)).toMatch(/^Title/);
  });

  test("keeps an open disclosure", () => {
    expect(textOf("<details open><summary>Open</summary>inside</details>")).toBe("Open\ninside");
  });

  test("leaves out characters nobody sees, and keeps the joiners scripts need", () => {
    const hidden = "\u200B\u202E\u2066\uFEFF\u00AD\u{E0041}";
    expect(textOf(`<p>a${hidden}b می\u200Cخواهم 👩\u200D🚀</p>`)).toBe(
      "ab می\u200Cخواهم 👩\u200D🚀",
    );
  });
});

describe("the main part", () => {
  test("is preferred to the rest of the page", () => {
    expect(textOf(`<p>aside</p><main>${LONG}</main>`)).toBe(LONG.trim());
    expect(textOf(`<p>aside</p><article>${LONG}</article>`)).toBe(LONG.trim());
  });

  test("is not believed where it holds next to nothing", () => {
    expect(textOf(`<main>Loading</main><div>${LONG}</div>`)).toContain(LONG.trim());
  });

  test("of several articles is none", () => {
    expect(textOf("<article>one</article><article>two</article>")).toBe("one\n\ntwo");
  });
});

describe("shadow roots", () => {
  test("are walked where they are open, with what is slotted in its place", () => {
    document.body.innerHTML = "<x-card><b slot=name>Ada</b>rest<i slot=none>no</i></x-card>";
    const root = document.querySelector("x-card")?.attachShadow({ mode: "open" });
    if (root)
      root.innerHTML =
        "<p>Name: <slot name=name>?</slot></p><p><slot name=empty>nobody</slot></p><slot></slot>";
    expect(visibleText(document)).toBe("Name: Ada\n\nnobody\n\nrest");
  });

  test("are passed over where they are closed", () => {
    document.body.innerHTML = "<p>light</p><x-card></x-card>";
    document.querySelector("x-card")?.attachShadow({ mode: "closed" }).append("dark");
    expect(visibleText(document)).toBe("light");
  });
});

describe("a page", () => {
  test("is read with its address, title and headings", () => {
    document.head.innerHTML = "<title> A\n  page </title>";
    document.body.innerHTML = "<h1>T</h1><h2>First <i>part</i></h2><h3>Second</h3><p>Text</p>";
    expect(readPage(document)).toEqual({
      url: location.href,
      title: "A page",
      content: "T\n\nFirst part\n\nSecond\n\nText",
      selections: [],
      headings: ["First part", "Second"],
      hidden: 0,
    });
  });

  test("its owner's selector says what its content is", () => {
    document.body.innerHTML = "<p>a</p><div class=x>b<div class=x>c</div></div><p class=x>d</p>";
    expect(readPage(document, { content: ".x" }).content).toBe("b\n\nc\n\nd");
  });

  test.each([":::", ".nothing"])(
    "the selector %s that finds nothing leaves the page as it is",
    (content) => {
      document.body.innerHTML = "<p>a</p>";
      expect(readPage(document, { content }).content).toBe("a");
    },
  );

  test("that is empty has no content and no title", () => {
    expect(readPage(document)).toMatchObject({ title: null, content: null });
  });
});
