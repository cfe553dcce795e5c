/** One request to the proxy: the credential, the site's name, the deadline, and errors as thrown. */
import { errorOf, failureOf, ProxyError } from "./failure";
import { REACH_MS, REQUEST_MS, SILENCE_MS } from "./limits";
import { nativeFetch, parseJson, toJson } from "./natives";
import type { Json } from "./shapes";

export type Credential = { kind: "none" } | { kind: "cookie" } | { kind: "token"; token: string };

export interface Call {
  method?: "GET" | "POST" | "DELETE";
  body?: unknown;
  credential?: Credential;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** The answer is a stream: only its beginning has a deadline here. */
  isStream?: boolean;
}

export interface HttpOptions {
  proxy: string;
  /** Sent as `X-Asklight-Site`; null where the `Origin` names the site. */
  namedSite: string | null;
  fetch?: typeof fetch;
}

export class Http {
  readonly #options: HttpOptions;
  readonly #fetch: typeof fetch;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#fetch = options.fetch ?? nativeFetch;
  }

  /** The response, whatever its status. Throws `ProxyError("dropped")` where none comes. */
  async call(path: string, call: Call = {}): Promise<Response> {
    const credential = call.credential ?? { kind: "none" };
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), call.isStream ? SILENCE_MS : REQUEST_MS);
    try {
      return await this.#fetch(`${this.#options.proxy}/v2/${path}`, {
        method: call.method ?? "GET",
        headers: this.#headers(call, credential),
        body: call.body === undefined ? null : toJson(call.body),
        credentials: credential.kind === "cookie" ? "include" : "omit",
        cache: "no-store",
        redirect: "error",
        // No referrer, without the policy that would also blank the Origin of a same-origin POST.
        referrer: "",
        signal: call.signal ? AbortSignal.any([call.signal, deadline.signal]) : deadline.signal,
      });
    } catch (cause) {
      if (call.signal?.aborted) throw cause;
      throw new ProxyError("dropped", `no answer to ${path}`);
    } finally {
      if (call.isStream) clearTimeout(timer);
    }
  }

  /**
   * Why no answer came. A browser hides what a proxy says to an origin it refuses, so a proxy that
   * answers its open address, and not this, has refused the page.
   */
  async blame(thrown: unknown): Promise<unknown> {
    if (failureOf(thrown).kind !== "dropped") return thrown;
    if (await this.isReachable()) return new ProxyError("forbidden", "origin refused");
    return new ProxyError("unreachable", "the proxy answers nothing");
  }

  /** Whether the proxy answers at its open address. */
  async isReachable(): Promise<boolean> {
    const signal = AbortSignal.timeout(REACH_MS);
    const url = `${this.#options.proxy}/healthz`;
    try {
      return (await this.#fetch(url, { credentials: "omit", cache: "no-store", signal })).ok;
    } catch {
      return false;
    }
  }

  #headers(call: Call, credential: Credential): Record<string, string> {
    const headers: Record<string, string> = { ...call.headers };
    if (call.body !== undefined) headers["Content-Type"] = "application/json";
    if (credential.kind === "token") headers["Authorization"] = `Bearer ${credential.token}`;
    if (this.#options.namedSite !== null) headers["X-Asklight-Site"] = this.#options.namedSite;
    return headers;
  }
}

/** The body as JSON, or null where it is none. */
export async function jsonOf(response: Response): Promise<Json> {
  try {
    return parseJson(await response.text());
  } catch {
    return null;
  }
}

/** The response itself if it succeeded, else its error thrown. */
export async function succeeded(response: Response): Promise<Response> {
  if (response.ok) return response;
  throw errorOf(response.status, response.headers.get("Retry-After"), await jsonOf(response));
}
