import { expect, test } from "vitest";
import { chosenPassages } from "../../extension/lib/passages";

const FIRST = { text: "the first\nwords", paragraph: "All of the first\nwords." };
const SECOND = { text: "the second words", paragraph: null };

test("takes every selection when the toolbar button or the keys were used", () => {
  expect(chosenPassages([FIRST, SECOND], null)).toEqual([FIRST, SECOND]);
  expect(chosenPassages([], null)).toEqual([]);
});

test("takes the selection that was clicked, with its paragraph, when the menu names one", () => {
  expect(chosenPassages([SECOND, FIRST], "the first words")).toEqual([FIRST]);
});

test("takes the menu's words alone where no script could reach the selection", () => {
  const words = [{ text: "in another frame", paragraph: null }];
  expect(chosenPassages([FIRST], " in another frame ")).toEqual(words);
  expect(chosenPassages([], "in another frame")).toEqual(words);
});

test("takes what the page has when the menu's words are blank", () => {
  expect(chosenPassages([FIRST], "  ")).toEqual([FIRST]);
});
