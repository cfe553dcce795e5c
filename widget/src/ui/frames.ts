/** A hidden page draws no frames; its panel is still kept up to date, only less often. */
const HIDDEN_MS = 200;

export interface Frame {
  request: () => void;
  cancel: () => void;
}

/** Runs `action` once for any number of requests before the next frame. */
export function oncePerFrame(action: () => void): Frame {
  let cancel: (() => void) | null = null;
  const run = () => {
    cancel = null;
    action();
  };
  return {
    request: () => (cancel ??= schedule(run)),
    cancel: () => cancel?.(),
  };
}

function schedule(run: () => void): () => void {
  if (document.hidden) {
    const timer = setTimeout(run, HIDDEN_MS);
    return () => clearTimeout(timer);
  }
  const frame = requestAnimationFrame(run);
  return () => cancelAnimationFrame(frame);
}
