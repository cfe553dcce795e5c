import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { oncePerFrame } from "../../widget/src/ui/frames";

const FRAME_MS = 16;

/** Whether frames are drawn, as they are not for a page out of sight. */
let isVisible = true;

beforeEach(() => {
  isVisible = true;
  vi.useFakeTimers();
  vi.stubGlobal("requestAnimationFrame", (run: () => void) => {
    return setTimeout(() => isVisible && run(), FRAME_MS);
  });
  vi.stubGlobal("cancelAnimationFrame", (frame: ReturnType<typeof setTimeout>) => {
    clearTimeout(frame);
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("what is asked for often is done once a frame", () => {
  const action = vi.fn();
  const frame = oncePerFrame(action);
  for (let n = 0; n < 3; n++) frame.request();
  expect(action).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1_000);
  expect(action).toHaveBeenCalledOnce();
  frame.request();
  vi.advanceTimersByTime(FRAME_MS);
  expect(action).toHaveBeenCalledTimes(2);
});

test("what was taken back is not done, and can be asked for again", () => {
  const action = vi.fn();
  const frame = oncePerFrame(action);
  frame.request();
  frame.cancel();
  frame.cancel();
  vi.advanceTimersByTime(1_000);
  expect(action).not.toHaveBeenCalled();
  frame.request();
  vi.advanceTimersByTime(1_000);
  expect(action).toHaveBeenCalledOnce();
});

test("it is done for a page out of sight too, also where it went out of sight just before", () => {
  const action = vi.fn();
  const frame = oncePerFrame(action);
  frame.request();
  isVisible = false;
  vi.advanceTimersByTime(1_000);
  expect(action).toHaveBeenCalledOnce();
  frame.request();
  vi.advanceTimersByTime(1_000);
  expect(action).toHaveBeenCalledTimes(2);
});
