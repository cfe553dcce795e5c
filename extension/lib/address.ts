/** The proxy's address: what may be entered, and what must be allowed to reach it. */

/** Where `asklight serve` listens when nobody says otherwise. */
export const DEFAULT_ADDRESS = "http://127.0.0.1:8080";

/** An address that may be used, or why not in words for the person who typed it. */
export type AddressCheck = { ok: true; origin: string } | { ok: false; reason: string };

const EXAMPLE = `For example ${DEFAULT_ADDRESS} or https://ask.example.com.`;

/** A host on this very computer, where http cannot be listened to (the Secure Contexts rule). */
function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "127.0.0.1" ||
    hostname === "[::1]"
  );
}

function refuse(reason: string): AddressCheck {
  return { ok: false, reason };
}

/**
 * Checks what somebody typed as the proxy's address. Takes an http or https origin, with or
 * without a final slash; plain http only for this computer. Gives the origin without a slash.
 */
export function checkAddress(typed: string): AddressCheck {
  const text = typed.trim();
  if (text === "") return refuse(`Enter the proxy's address. ${EXAMPLE}`);
  const url = URL.parse(text);
  if (!url || !/^https?:\/\//i.test(text)) {
    return refuse(`An address starts with https:// or, on this computer, http://. ${EXAMPLE}`);
  }
  if (url.username || url.password)
    return refuse("Leave the name and password out of the address.");
  if (url.pathname !== "/" || url.search || url.hash) {
    return refuse(`Enter only the start of the address: ${url.origin}`);
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    return refuse(
      `Use https for another computer, so that nobody on the way can read along: https://${url.host}`,
    );
  }
  return { ok: true, origin: url.origin };
}

/**
 * The match pattern for one proxy. Chromium's patterns name the port, so that other programs on
 * the same host stay out of reach; Firefox's cannot (MDN, "Match patterns").
 */
export function hostPattern(origin: string, namesPort: boolean): string {
  const { protocol, hostname, host } = new URL(origin);
  return `${protocol}//${namesPort ? host : hostname}/*`;
}
