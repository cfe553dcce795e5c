import { describe, expect, test } from "vitest";
import { contrast, paletteOf, rgbOf } from "../../widget/src/ui/palette";

const STEPS = [0, 34, 68, 102, 119, 136, 153, 187, 221, 255];

function hex(...channels: number[]): string {
  return `#${channels.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}

describe("the owner's colours", () => {
  test("are never under text that cannot be read on them", () => {
    for (const red of STEPS)
      for (const green of STEPS)
        for (const blue of STEPS) {
          const brandColor = hex(red, green, blue);
          const { "--on-brand": text = "" } = paletteOf({ brandColor });
          expect([brandColor, contrast([red, green, blue], text) >= 4.5]).toEqual([
            brandColor,
            true,
          ]);
        }
  });

  test("have the ink of everything else on them wherever it can be read", () => {
    expect(paletteOf({ brandColor: "#ffe14a" })["--on-brand"]).toBe("#1d1b16");
    expect(paletteOf({ brandColor: "#123456" })["--on-brand"]).toBe("#ffffff");
  });

  test("are left out where they are no colours", () => {
    for (const color of ["red", "#12", "#12345", "var(--x)", "#1234567", ""]) {
      expect(rgbOf(color)).toBeNull();
      expect(paletteOf({ brandColor: color })).toEqual({});
    }
  });
});
