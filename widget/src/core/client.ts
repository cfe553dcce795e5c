/** Calls to the proxy with the visitor's session. What is said in them is others' to know. */
import { errorOf, type Failure } from "./failure";
import { Http, jsonOf, succeeded, type Call, type Credential } from "./http";
import { Session, type AnySession } from "./session";
import { lookOfProject } from "./shapes";
import type { KeyValueStore, Look } from "./types";

export interface ClientOptions {
  /** The proxy's origin, without a trailing slash. */
  proxy: string;
  /** The site's id, which is its publishable key. */
  site: string;
  /** `auto` tries a cookie and falls back on a token; `token` never uses cookies. */
  transport: "auto" | "token";
  /** Send `X-Asklight-Site`: for the proxy's own pages and extensions, whose origin names no site. */
  nameSite: boolean;
  /** Where a token is kept; absent: in memory. */
  tokens?: KeyValueStore;
  /** What to ask with in place of the visitor's own session. */
  session?: (http: Http) => AnySession;
  fetch?: typeof fetch;
}

/** Every call throws `ProxyError`, or the signal's reason where it was aborted. */
export interface Client {
  /** False once only this page's memory knows the session. */
  readonly outlivesReload: boolean;
  /** Whether there is a session by now that the visitor's other tabs have too. */
  readonly isShared: boolean;
  /** The page says whose it is. */
  readonly isVouched: boolean;
  look(): Promise<Look>;
  /** A call that may begin a session, and renews it once where it has ended. The answer succeeded. */
  ask(path: string, call: Call): Promise<Response>;
  /** A call with the session of an earlier visit, never with a new one. The answer succeeded. */
  read(path: string, call?: Call): Promise<Response>;
  /** Why no answer came, as far as it can be found out. */
  explain(failure: Failure): Promise<Failure>;
}

export function createClient(options: ClientOptions): Client {
  return new ProxyClient(options);
}

class ProxyClient implements Client {
  readonly #site: string;
  readonly #http: Http;
  readonly #session: AnySession;

  constructor(options: ClientOptions) {
    const { proxy, site, transport, nameSite, tokens, session, fetch } = options;
    this.#site = site;
    this.#http = new Http({ proxy, namedSite: nameSite ? site : null, ...(fetch && { fetch }) });
    this.#session =
      session?.(this.#http) ??
      new Session(this.#http, { site, transport, ...(tokens && { tokens }) });
  }

  get outlivesReload(): boolean {
    return this.#session.outlivesReload;
  }

  get isShared(): boolean {
    return this.#session.isProven && this.#session.outlivesReload;
  }

  get isVouched(): boolean {
    return this.#session.isVouched === true;
  }

  async look(): Promise<Look> {
    const path = `projects/current?apiKey=${encodeURIComponent(this.#site)}`;
    return lookOfProject(await jsonOf(await succeeded(await this.#http.call(path))));
  }

  async explain(failure: Failure): Promise<Failure> {
    if (failure.kind !== "dropped" || (await this.#http.isReachable())) return failure;
    return { ...failure, kind: "unreachable" };
  }

  async ask(path: string, call: Call): Promise<Response> {
    const credential = await this.#session.begin();
    const response = await this.#http.call(path, { ...call, credential });
    if (response.status !== 401) return succeeded(response);
    const renewed = await this.#session.renew(credential);
    return succeeded(await this.#http.call(path, { ...call, credential: renewed }));
  }

  async read(path: string, call: Call = {}): Promise<Response> {
    if (this.#session.isVouched) return this.ask(path, call);
    const credential: Credential | null = await this.#session.earlier();
    if (!credential) throw errorOf(401, null, null);
    const response = await this.#http.call(path, { ...call, credential });
    if (response.ok) this.#session.prove(credential);
    return succeeded(response);
  }
}
