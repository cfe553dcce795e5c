/**
 * The visitor's session. Nothing is asked of the proxy and nothing kept before `begin`, which the
 * first question calls. A cookie is tried first; where the browser does not give it back, a token
 * is held in memory, or in the store a program of its own (the extension) gives.
 */
import { ProxyError } from "./failure";
import { jsonOf, succeeded, type Credential, type Http } from "./http";
import { tokenFrom } from "./shapes";
import type { KeyValueStore } from "./types";

const TOKEN_KEY = "token";

export interface SessionOptions {
  site: string;
  transport: "auto" | "token";
  tokens?: KeyValueStore;
}

/** What a client asks with. `isVouched`: the page says whose it is, and so it is also begun to read. */
export type AnySession = Pick<Session, keyof Session> & { isVouched?: boolean };

export class Session {
  readonly #http: Http;
  readonly #options: SessionOptions;
  /** The credential that is known to work, or null until then. */
  #proven: Credential | null = null;
  /** A `begin` under way, so that two questions at once make one session. */
  #beginning: Promise<Credential> | null = null;

  constructor(http: Http, options: SessionOptions) {
    this.#http = http;
    this.#options = options;
  }

  /** False once the session lives in this page's memory alone: a reload then starts anew. */
  get outlivesReload(): boolean {
    return this.#proven?.kind !== "token" || this.#options.tokens !== undefined;
  }

  get isProven(): boolean {
    return this.#proven !== null;
  }

  /** The credential of an earlier visit, which may have ended, or null where there can be none. */
  async earlier(): Promise<Credential | null> {
    if (this.#proven) return this.#proven;
    if (this.#options.transport === "auto") return { kind: "cookie" };
    const token = await this.#options.tokens?.get(TOKEN_KEY);
    return token ? { kind: "token", token } : null;
  }

  /** Notes that a call with this credential was let in. */
  prove(credential: Credential): void {
    this.#proven = credential;
  }

  /** A working credential, made now if there is none. */
  begin(): Promise<Credential> {
    if (this.#proven) return Promise.resolve(this.#proven);
    return this.#once(async () => {
      const earlier = await this.earlier();
      return earlier?.kind === "token" ? earlier : this.#make(null);
    });
  }

  /** A new credential in place of one that was refused. */
  renew(refused: Credential): Promise<Credential> {
    this.#proven = null;
    return this.#once(() => this.#make(refused));
  }

  #once(make: () => Promise<Credential>): Promise<Credential> {
    this.#beginning ??= make()
      .catch(async (thrown: unknown) => {
        throw await this.#http.blame(thrown);
      })
      .then((credential) => (this.#proven = credential))
      .finally(() => (this.#beginning = null));
    return this.#beginning;
  }

  async #make(refused: Credential | null): Promise<Credential> {
    const mayUseCookie = this.#options.transport === "auto" && refused?.kind !== "token";
    if (mayUseCookie && (await this.#makeCookie())) return { kind: "cookie" };
    return this.#makeToken();
  }

  /** Whether the cookie that was set comes back. */
  async #makeCookie(): Promise<boolean> {
    const credential: Credential = { kind: "cookie" };
    await succeeded(
      await this.#http.call("identity/init", {
        method: "POST",
        body: { apiKey: this.#options.site, transport: "cookie" },
        credential,
      }),
    );
    const me = await this.#http.call("identity/me", { credential });
    if (me.status === 401) return false;
    await succeeded(me);
    return true;
  }

  async #makeToken(): Promise<Credential> {
    const response = await this.#http.call("identity/init", {
      method: "POST",
      body: { apiKey: this.#options.site, transport: "token" },
    });
    const token = tokenFrom(await jsonOf(await succeeded(response)));
    if (!token) throw new ProxyError("unavailable", "no session token");
    await this.#options.tokens?.set(TOKEN_KEY, token);
    return { kind: "token", token };
  }
}
