/** What came of trying a proxy, in words: what happened, and what to do next. */
import type { Connection } from "./connection";
import type { Settings } from "./settings";

export interface Words {
  /** One sentence: what happened. */
  said: string;
  /** One or two sentences: what to do. */
  next: string;
}

/** "in 30 seconds", "in 5 minutes"; "in a minute" where the proxy does not say. */
function inTime(seconds: number | null): string {
  if (seconds === null) return "in a minute";
  if (seconds < 90) return `in ${seconds} second${seconds === 1 ? "" : "s"}`;
  return `in ${Math.ceil(seconds / 60)} minutes`;
}

/**
 * Words for a connection.
 *
 * @param entry what the proxy's operator lists to let this extension in: its id, or "firefox".
 */
export function wordsFor(connection: Connection, { proxy, site }: Settings, entry: string): Words {
  switch (connection.state) {
    case "connected":
      return {
        said: `Connected to ${proxy}.`,
        next: "Open a page, select something and press the Asklight button.",
      };
    case "unreachable":
      return {
        said: `Nothing answers at ${proxy}.`,
        next: "Check the address, and that the proxy is running. On your own computer, start it with “asklight serve”.",
      };
    case "silent":
      return {
        said: `${proxy} did not answer within ${connection.seconds} seconds.`,
        next: "Check the address and your network, then try again.",
      };
    case "stranger":
      return {
        said: `Something answers at ${proxy}, but it is not an Asklight proxy.`,
        next: "Check the address and the number after the colon. Another program may be using it.",
      };
    case "misnamed":
      return {
        said: `The server at ${proxy} does not answer to that name.`,
        next: "Use the address its operator gave you, or ask them to set ASKLIGHT_PUBLIC_URL to this one.",
      };
    case "unwell":
      return {
        said: `The proxy at ${proxy} has a problem of its own (${connection.status}).`,
        next: "Try again in a minute. If it stays, tell its operator.",
      };
    case "refused":
      return {
        said: `The proxy at ${proxy} does not let this extension ask as “${site}”.`,
        next: `Check the site's name, or ask the operator to add “${entry}” to that site's extensions.`,
      };
    case "busy":
      return {
        said: `The proxy at ${proxy} takes no new visitors right now.`,
        next: `Try again ${inTime(connection.seconds)}. Your settings are kept.`,
      };
  }
}
