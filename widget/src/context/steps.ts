/**
 * Work done in steps: at once, or in slices between which the page may draw and be used. Each
 * `yield` is a place where it may pause.
 */

export type Steps<Result> = Generator<undefined, Result, undefined>;

/** A slice takes about as long as this; a page draws a frame every sixteen. */
const SLICE_MS = 8;

export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

export async function inSlices<Result>(steps: Steps<Result>): Promise<Result> {
  for (;;) {
    const sliceEnd = performance.now() + SLICE_MS;
    do {
      const step = steps.next();
      if (step.done) return step.value;
    } while (performance.now() < sliceEnd);
    await pause();
  }
}

/** Lets the page, and whatever waits, go first. A timer alone would wait 4 ms each time. */
export function pause(): Promise<void> {
  return new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      done();
    };
    port2.postMessage(null);
  });
}
