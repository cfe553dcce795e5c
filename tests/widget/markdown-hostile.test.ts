// @vitest-environment jsdom
/** Texts made to harm: whatever of them has come, and in whatever pieces, nothing but text is shown. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { checkedAddress } from "../../widget/src/ui/markdown/address";
import { saysPlace } from "../../widget/src/ui/markdown/links";
import { box, grow, pieces, rendered } from "./markdown-box";
import { HOSTILE } from "./markdown-samples";

interface Hostile {
  addresses: string[];
  addressContexts: string[];
  markup: string[];
  markupContexts: string[];
  whole: string[];
}

const FIXTURE = join(import.meta.dirname, "../fixtures/answers/hostile.json");
const hostile = JSON.parse(readFileSync(FIXTURE, "utf8")) as Hostile;

const WHOLE = [...hostile.whole, ...HOSTILE];

const ELEMENTS = new Set(
  (
    "p em strong del code pre br hr h4 h5 h6 ul ol li blockquote div table thead tbody tr th td " +
    "a span button"
  ).split(" "),
);
const ATTRIBUTES = new Map<string, RegExp>([
  ["class", /^(wide|center|right|place|host|citation|math|code|code-bar|copy-code)$/],
  ["dir", /^auto$/],
  ["tabindex", /^0$/],
  ["role", /^link$/],
  ["target", /^_blank$/],
  ["rel", /^noopener noreferrer$/],
  ["referrerpolicy", /^no-referrer$/],
  ["type", /^button$/],
  ["start", /^\d{1,9}$/],
  ["data-address", /^(https?:\/\/[^@\\]+|mailto:.+)/],
]);

function faultsOf(root: HTMLElement): string[] {
  const faults: string[] = [];
  for (const element of root.querySelectorAll("*")) {
    if (!ELEMENTS.has(element.localName)) faults.push(element.localName);
    for (const { name, value } of element.attributes)
      if (!ATTRIBUTES.get(name)?.test(value)) faults.push(`${name}=${value}`);
  }
  return faults;
}

/** Shows a text by every prefix, and by pieces of other sizes; the faults of all that was shown. */
function faultsWhileGrowing(source: string): string[] {
  const faults: string[] = [];
  const look = (root: HTMLElement) => faults.push(...faultsOf(root));
  grow(source, () => 1, look);
  grow(source, pieces(source.length + 1), look);
  document.body.replaceChildren();
  return faults;
}

beforeEach(() => document.body.replaceChildren());

describe("hostile text is harmless at every prefix and in any pieces", () => {
  test.each(hostile.addressContexts)("addresses in %j", (context) => {
    for (const address of hostile.addresses) {
      const source = context.replaceAll("ADDRESS", address);
      expect([source, faultsWhileGrowing(source)]).toEqual([source, []]);
    }
  });

  test.each(hostile.markupContexts)(
    "markup in %j",
    (context) => {
      for (const markup of hostile.markup) {
        const source = context.replaceAll("MARKUP", () => markup);
        expect([source, faultsWhileGrowing(source)]).toEqual([source, []]);
      }
    },
    60_000,
  );

  test.each(WHOLE)("%j", (source) => {
    expect(faultsWhileGrowing(source)).toEqual([]);
  });

  test("all of it in one answer", () => {
    const all = [...hostile.markup, ...hostile.addresses, ...WHOLE].join("\n\n");
    expect(faultsOf(rendered(all))).toEqual([]);
    expect(faultsOf(grow(all, pieces(3)))).toEqual([]);
  }, 60_000);

  test("and would be found by this check if it were set as markup", () => {
    const found = hostile.markup.filter((markup) => {
      const root = box();
      root.innerHTML = markup;
      return faultsOf(root).length > 0;
    });
    expect(found.length).toBeGreaterThan(80);
  });
});

describe("where a link leads", () => {
  test.each(hostile.addresses)("is said as the browser will go: %j", (address) => {
    const checked = checkedAddress(address);
    if (!checked) return;
    const { protocol, host, username } = new URL(checked.href);
    expect(["https:", "http:", "mailto:"]).toContain(protocol);
    expect(username).toBe("");
    if (protocol !== "mailto:") expect(checked.place).toBe(host);
    expect(checked.place).toMatch(/^[\x21-\x7e]+$/);
  });

  test.each([
    ["https://good.example", false],
    ["good.example/evil.example", false],
    ["evil.example.good.example", false],
    ["evil.example (good.example)", false],
    ["evil.example@good.example", false],
    ["evil.example", true],
    ["https://evil.example/path", true],
    ["EVIL.example?x", true],
  ])("a label %j says it: %s", (label, isSaid) => {
    expect(saysPlace(label, { href: "https://evil.example/", place: "evil.example" })).toBe(isSaid);
    const link = `[${label}](https://evil.example/x)`;
    const place = rendered(link).querySelector(".place")?.textContent ?? null;
    expect(place).toBe(isSaid ? null : " (evil.example)");
  });
});
