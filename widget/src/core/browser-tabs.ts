/** How tabs hear each other and take turns in a browser. Where it cannot be, each tab is alone. */
import type { Channel, Hold } from "./tabs";

export function openChannel(name: string): Channel | null {
  try {
    const channel = new BroadcastChannel(name);
    return {
      post: (message) => channel.postMessage(message),
      listen: (listener) => (channel.onmessage = ({ data }) => listener(data)),
      close: () => channel.close(),
    };
  } catch {
    return null;
  }
}

/** How long a tab waits before it looks whether another reads, where the browser has no locks. */
const LOOK_MS = 3_000;

/**
 * The browser's locks, which end with their tab, however it ends. Pages without https have none:
 * there a tab waits, not in step with others, and asks whether somebody reads.
 */
export const hold: Hold = async (name, signal, work) => {
  try {
    if (navigator.locks) return await navigator.locks.request(name, { signal }, work);
  } catch {
    if (signal.aborted) return;
  }
  await new Promise((resolve) => setTimeout(resolve, LOOK_MS * (1 + Math.random())));
  if (!signal.aborted) await work();
};
