// @vitest-environment jsdom
import { afterEach, expect, test, vi } from "vitest";
import { english } from "../../widget/src/core/words";
import { AnswerDrawing } from "../../widget/src/ui/markdown/answer-drawing";

const ANSWER = "The **keeper**.\n\nAnd the wind.";
const DRAWN = "The keeper.And the wind.";

afterEach(() => vi.restoreAllMocks());

/** Every slice is one step. */
function slowDown() {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => (now += 100));
}

test("the plain text stands until some of the answer is drawn, however slowly", async () => {
  slowDown();
  const box = document.createElement("div");
  const plain = box.appendChild(document.createElement("p"));
  plain.textContent = ANSWER;
  document.body.append(box);
  const drawing = new AnswerDrawing(box, {
    words: english.words,
    passages: undefined,
    signal: new AbortController().signal,
  });
  const seen: (string | null)[] = [];
  drawing.show({ text: ANSWER, extras: undefined, isOpen: false });
  seen.push(box.textContent);
  await vi.waitUntil(
    () => {
      seen.push(box.textContent);
      return box.textContent === DRAWN;
    },
    { interval: 0 },
  );
  expect(seen[0]).toBe(ANSWER);
  expect(seen).not.toContain("");
  expect(plain.isConnected).toBe(false);
});
