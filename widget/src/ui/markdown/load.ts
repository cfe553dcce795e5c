/**
 * What draws answers, loaded with the first of them: nothing of it is needed to ask. Until it is
 * there an answer is shown as plain text.
 */

type Drawing = typeof import("./answer-drawing");

/** After it could not be loaded it is not asked for again sooner than this. */
const RETRY_MS = 5_000;

let drawing: Drawing | null = null;
let loading: Promise<Drawing | null> | null = null;

/** What draws answers, once it is there. */
export function loadedDrawing(): Drawing | null {
  return drawing;
}

/** Loads it; null where it cannot be loaded, and then a later call tries again. */
export function loadDrawing(): Promise<Drawing | null> {
  loading ??= import("./answer-drawing").then(
    (module) => (drawing = module),
    (error: unknown) => {
      console.warn("Asklight: answers are shown as plain text", error);
      setTimeout(() => (loading = null), RETRY_MS);
      return null;
    },
  );
  return loading;
}
