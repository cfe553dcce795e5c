/** A hidden page draws no frames; its panel is still kept up to date, only less often. */
const HIDDEN_MS = 200;

export interface Frame {
  request: () => void;
  /** Takes back what was requested. */
  cancel: () => void;
}

/** Runs `action` once for any number of requests before the next frame. */
export function oncePerFrame(action: () => void): Frame {
  let withdraw: (() => void) | null = null;
  const cancel = () => {
    withdraw?.();
    withdraw = null;
  };
  const run = () => {
    cancel();
    action();
  };
  return { request: () => (withdraw ??= schedule(run)), cancel };
}

/** With the next frame; or, where the page is hidden or is hidden before it, without one. */
function schedule(run: () => void): () => void {
  const frame = requestAnimationFrame(run);
  const timer = setTimeout(run, HIDDEN_MS);
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}
