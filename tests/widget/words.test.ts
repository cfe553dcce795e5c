import { describe, expect, test } from "vitest";
import { count, english, failureWords, fill } from "../../widget/src/core/words";
import { en } from "../../widget/src/core/words/en";
import type { FailureKind } from "../../widget/src/core/failure";
import { quickActions } from "../../widget/src/core/quick-actions";
import { suggestQuestions } from "../../widget/src/core/suggestions";

const SENTENCES = Object.values(en).flatMap((words) =>
  typeof words === "string" ? [words] : Object.values(words),
);

function failed(kind: FailureKind, details = {}, isOnline = true): string {
  const failure = { kind, retryAfter: null, until: null, field: null, reason: null, ...details };
  return failureWords(english, failure, isOnline);
}

describe("the words", () => {
  test("are plain: no exclamation mark, no jargon", () => {
    for (const sentence of SENTENCES)
      expect(sentence).not.toMatch(/!|oops|session|token|invalid|server|error|timeout/i);
  });

  test.each([
    "dropped",
    "away",
    "unconfirmed",
    "forbidden",
    "gone",
    "busy",
    "plan",
    "invalid",
    "limited",
    "unavailable",
  ] as const)("say of a question that was not accepted (%s) that it is kept", (kind) => {
    expect(failed(kind)).toContain("Your question is kept.");
  });

  test("say when to try again, never too early", () => {
    expect(failed("limited", { retryAfter: 0.2 })).toContain("Try again in 1 second.");
    expect(failed("limited", { retryAfter: 61 })).toContain("in 61 seconds.");
    expect(failed("limited", { retryAfter: 121 })).toContain("in 3 minutes.");
    expect(failed("limited", { retryAfter: 80_000 })).toContain("in 23 hours.");
  });

  test("tell being offline from a dropped connection, and name a field that was refused", () => {
    expect(failed("dropped", {}, false)).toContain("You are offline.");
    expect(failed("invalid", { field: "content" })).toContain("the content is not accepted");
  });

  test("count by the rules of their language", () => {
    expect(count(english, en.characters, 1)).toBe("1 character");
    expect(count(english, en.characters, 1_200)).toBe("1,200 characters");
  });

  test("are filled in by name, and what has no value stays", () => {
    expect(fill("{a} and {b}", { a: "{b}" })).toBe("{b} and {b}");
  });
});

describe("suggested questions", () => {
  test("come from the page's headings, three at most, each once", () => {
    const headings = ["Part one", "Part one", "x", "y".repeat(100), "Part two", "Part three"];
    expect(suggestQuestions("page", headings, en)).toEqual([
      "What are the main points of this page?",
      "What does this page say about “Part one”?",
      "What does this page say about “Part two”?",
    ]);
  });

  test("are about the passage where one is selected, and none where nothing is sent", () => {
    expect(suggestQuestions("selection", ["Part one"], en).join()).not.toContain("Part one");
    expect(suggestQuestions("nothing", ["Part one"], en)).toEqual([]);
  });
});

describe("an owner's actions", () => {
  const labelled = (label: string) =>
    quickActions(en, JSON.stringify([{ label, question: "Why?" }]), "en", "en")[0]?.label;

  test("have labels of 30 characters at most, which end with a whole word where there is one", () => {
    expect(labelled(" Find the date ")).toBe("Find the date");
    expect(labelled("x".repeat(30))).toBe("x".repeat(30));
    expect(labelled("Find related articles in our archive")).toBe("Find related articles in our…");
    expect(labelled("Find related articles inside it")).toBe("Find related articles inside…");
    expect(labelled("x".repeat(31))).toBe(`${"x".repeat(29)}…`);
  });
});
