// @vitest-environment jsdom
/** What a screen reader hears of an answer. */
import { beforeAll, describe, expect, test } from "vitest";
import type { Answer } from "../../widget/src/core/conversation";
import { NO_EXTRAS } from "../../widget/src/core/extras";
import { en } from "../../widget/src/core/words/en";
import { Announcer } from "../../widget/src/ui/announcer";
import { loadDrawing } from "../../widget/src/ui/markdown/load";

function answer(text: string, state: Answer["state"]): Answer {
  return {
    kind: "answer",
    id: "a",
    messageId: null,
    questionId: null,
    text,
    extras: NO_EXTRAS,
    state,
    feedback: null,
  };
}

/** Every line said while a text grows in pieces, without the first and the last, which are ours. */
function heard(text: string, size: number): string[] {
  const announcer = new Announcer(en);
  const said: string[] = [];
  announcer.say = (sentence) => said.push(sentence);
  for (let end = 0; end < text.length; end += size)
    announcer.follow(answer(text.slice(0, end), "streaming"));
  announcer.follow(answer(text, "complete"));
  expect([said[0], said.at(-1)]).toEqual([en.answering, en.answered]);
  return said.slice(1, -1);
}

beforeAll(async () => {
  expect(await loadDrawing()).not.toBeNull();
});

describe("what is read aloud", () => {
  test.each([
    ["**Bold** and `code` and _it_.", "Bold and code and it."],
    ["snake_case and 2*3*4.", "snake_case and 2*3*4."],
    ["# Title\n\n- one\n- [ ] two", "Title one two"],
    [
      "See [the lamp][1] ([here](https://example.com)), it burns [2].",
      "See the lamp (here), it burns.",
    ],
    ['Text.\n\n[1]: https://example.com "The lamp"', "Text."],
    ["Do:\n\n```js\nlet a = 1. \n\nlet b;\n```\n\nDone.", "Do: A block of code in js. Done."],
    ["```\nnever closed. \n\nstill", "A block of code."],
    ["1. Run\n\n   ```sh\n   lamp. \n   ```\n2. Look", "1. Run A block of code in sh. 2. Look"],
    ["| when | what |\n|---|:-:|\n| 1961 | `dark` |\n\nEnd.", "when, what. 1961, dark. End."],
    ["漢字。次の文。", "漢字。 次の文。"],
    ["\\*not\\* emphasis", "*not* emphasis"],
  ])("%j is %j, however it comes", (markdown, aloud) => {
    for (const size of [1, 4, 1_000]) expect(heard(markdown, size).join(" ")).toBe(aloud);
  });

  test("comes by whole sentences and rows, never by pieces", () => {
    const text =
      "It was the **wind**. And more\nof it. So:\n\n|a|b|\n|-|-|\n|1|2|\n|3|4|\n\n- x y\n- z";
    const lines = [
      "It was the wind.",
      "And more of it.",
      "So:",
      "a, b.",
      "1, 2.",
      "3, 4.",
      "x y",
      "z",
    ];
    expect(heard(text, 1)).toEqual(lines);
  });

  test("is nothing of a block of code while it grows", () => {
    const announcer = new Announcer(en);
    const said: string[] = [];
    announcer.say = (sentence) => said.push(sentence);
    announcer.follow(answer("```python\nprint('a. b')\n\n# c. d\n", "streaming"));
    expect(said).toEqual([en.answering]);
  });
});
