/**
 * Tries a proxy: is anything there, is it Asklight, does it let this extension ask? Each way it
 * can fail is a fact of its own, because each has another remedy; `connection-words` says them.
 */
import type { Settings } from "./settings";

export type Connection =
  | { state: "connected" }
  /** Nothing answers at the address. */
  | { state: "unreachable" }
  /** Something took the connection and gave no answer in time. */
  | { state: "silent"; seconds: number }
  /** Something answers and it is not an Asklight proxy. */
  | { state: "stranger"; status: number }
  /** It is Asklight and is not ready to answer. */
  | { state: "unwell"; status: number }
  /** It does not answer to the name it was called by. */
  | { state: "misnamed" }
  /** It has no site of that name, or the site does not let this extension in. */
  | { state: "refused" }
  /** It has had enough of us for now. */
  | { state: "busy"; seconds: number | null };

/** A proxy that takes longer to say it is well is no help to a reader. */
const TIMEOUT_SECONDS = 8;

interface Answer {
  status: number;
  /** Null where the answer is not JSON. */
  body: unknown;
}

/** Sends one request as the panel will: no cookies, no cache, no redirects. */
async function ask(fetcher: typeof fetch, url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetcher(url, {
    cache: "no-store",
    credentials: "omit",
    redirect: "error",
    referrerPolicy: "no-referrer",
    signal: AbortSignal.timeout(TIMEOUT_SECONDS * 1000),
    ...init,
  });
  const body: unknown = await response.json().catch(() => null);
  return { status: response.status, body };
}

/** A value somewhere in an answer, or undefined where the answer is not shaped like that. */
function valueAt(body: unknown, ...path: string[]): unknown {
  let value = body;
  for (const name of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Reflect.get(value, name);
  }
  return value;
}

/** What a proxy's `/healthz` says about it, or null when it is well. */
function healthFrom({ status, body }: Answer): Connection | null {
  if (status === 421) return { state: "misnamed" };
  if (valueAt(body, "name") === "asklight")
    return status === 200 ? null : { state: "unwell", status };
  return { state: "stranger", status };
}

/** What the answer to starting a session says: may this extension ask here? */
function admissionFrom({ status, body }: Answer): Connection {
  if (status === 200 || status === 201) return { state: "connected" };
  if (status === 401 || status === 403) return { state: "refused" };
  if (status === 429 || status === 503) {
    const seconds = valueAt(body, "error", "details", "retryAfter");
    return { state: "busy", seconds: typeof seconds === "number" ? seconds : null };
  }
  return { state: "unwell", status };
}

/**
 * Tries the proxy in two steps, the second only after the first: who is there, and may we ask.
 * The second starts a session, as the first question would. Never rejects.
 */
export async function tryConnection(
  { proxy, site }: Settings,
  fetcher: typeof fetch = fetch,
): Promise<Connection> {
  try {
    const trouble = healthFrom(await ask(fetcher, `${proxy}/healthz`));
    if (trouble) return trouble;
    const session = await ask(fetcher, `${proxy}/v2/identity/init`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Asklight-Site": site },
      body: JSON.stringify({ apiKey: site, transport: "token" }),
    });
    return admissionFrom(session);
  } catch (error) {
    const isTimeout = error instanceof DOMException && error.name === "TimeoutError";
    return isTimeout ? { state: "silent", seconds: TIMEOUT_SECONDS } : { state: "unreachable" };
  }
}
