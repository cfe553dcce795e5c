/**
 * A user whom the page vouches for: their session, what is kept for them, and the tabs that are theirs. Loaded with the
 * first one.
 *
 * The page can vouch anew at any time, so the session is held in this page's memory alone. The visitor's own, which a
 * cookie holds, stays beside it untouched and is there again when the user signs out. What is kept stands under the
 * user's id, which the proxy gives: nobody else's panel looks there.
 */
import { hold, openChannel } from "./browser-tabs";
import { createClient, type Client, type ClientOptions } from "./client";
import { ProxyError } from "./failure";
import { jsonOf, succeeded, type Credential, type Http } from "./http";
import { REQUEST_MS } from "./limits";
import type { AnySession } from "./session";
import { isRecord, textAt, tokenFrom } from "./shapes";
import { forgetUsers, tellTabs, usersOf } from "./signed-out";
import { localStore, tabStore } from "./storage";
import type { Channel, TabOptions } from "./tabs";
import type { UserToken } from "../owner/api";
import type { KeyValueStore } from "./types";

/** What a panel is made of for a user. */
export interface Users {
  client: Client;
  memory: KeyValueStore;
  drafts: KeyValueStore;
  tabs: TabOptions;
  /** Whether the page vouches for the same user with this: then nothing else need change. */
  isSame(given: UserToken): Promise<boolean>;
  /** The panel is gone. */
  end(): void;
}

/** Told that another user is signed in by now, or with null that nobody is. */
type OnOther = (who: string | null) => void;

/** `isNews`: the other tabs do not know yet. */
export function forUser(
  options: ClientOptions,
  given: UserToken,
  isNews: boolean,
  onOther: OnOther,
): Users {
  const name = usersOf(options);
  const user = new UserSession(options.site, given, onOther);
  const client = createClient({ ...options, session: (http) => user.over(http) });
  const news = openChannel(name);
  news?.listen((who) => {
    if (who !== user.who && (who === null || typeof who === "string")) onOther(who);
  });
  void user.met.then((who) => {
    forgetUsers(options, who);
    if (isNews) tellTabs(options, who);
  });
  const channel = new UserChannel(name, user.met);
  // Who it is decides what is brought back; where that cannot be told now, it is asked again with the question.
  user.begin().catch(() => {});
  return {
    client,
    memory: new UserStore(user, (who) => localStore(`${name}:${who}:`)),
    drafts: new UserStore(user, (who) => tabStore(`${name}:${who}:`)),
    tabs: {
      channel,
      hold,
      get name() {
        return `${name}:${user.who}`;
      },
    },
    isSame: (next) => user.isSame(next),
    end: () => news?.close(),
  };
}

class UserSession implements AnySession {
  readonly isVouched = true;
  /** Not the session does, but the page vouches anew. */
  readonly outlivesReload = true;
  /** Whom the proxy knows the user as; null until the first session. */
  who: string | null = null;
  readonly met: Promise<string>;
  #meet!: (who: string) => void;
  #http!: Http;
  readonly #site: string;
  readonly #onOther: OnOther;
  #given: UserToken;
  #proven: Credential | null = null;
  #beginning: Promise<Credential> | null = null;

  constructor(site: string, given: UserToken, onOther: OnOther) {
    this.#site = site;
    this.#given = given;
    this.#onOther = onOther;
    this.met = new Promise((resolve) => (this.#meet = resolve));
  }

  /** Begins over this. */
  over(http: Http): this {
    this.#http = http;
    return this;
  }

  get isProven(): boolean {
    return this.#proven !== null;
  }

  earlier(): Promise<Credential> {
    return this.begin();
  }

  prove(): void {}

  begin(): Promise<Credential> {
    if (this.#proven) return Promise.resolve(this.#proven);
    this.#beginning ??= this.#make()
      .catch(async (thrown: unknown) => {
        throw await this.#http.blame(thrown);
      })
      .finally(() => (this.#beginning = null));
    return this.#beginning;
  }

  renew(refused: Credential): Promise<Credential> {
    // Another question may have renewed it meanwhile.
    if (this.#proven === refused) this.#proven = null;
    return this.begin();
  }

  async isSame(given: UserToken): Promise<boolean> {
    if (given === this.#given) return true;
    this.#given = given;
    if (this.who === null) return true;
    try {
      await this.#beginning?.catch(() => {});
      const { who, credential } = await this.#ask();
      if (who === this.who) this.#proven = credential;
      return who === this.who;
    } catch {
      // Whoever it is, the one before is signed out.
      return false;
    }
  }

  async #make(): Promise<Credential> {
    const { who, credential } = await this.#ask();
    if (this.who !== null && this.who !== who) {
      // What is asked here is the other's: it is not sent for this one.
      this.#onOther(who);
      throw new ProxyError("unconfirmed", "the page vouches for another user now");
    }
    this.who = who;
    this.#meet(who);
    return (this.#proven = credential);
  }

  async #ask(): Promise<{ who: string; credential: Credential }> {
    const userToken = await tokenFor(this.#given);
    const body = { apiKey: this.#site, transport: "token", userToken };
    const response = await this.#http.call("identity/init", { method: "POST", body });
    const answer = await jsonOf(await succeeded(response));
    const token = tokenFrom(answer);
    const who = isRecord(answer) && isRecord(answer.visitor) && textAt(answer.visitor, "id");
    if (!token || !who) throw new ProxyError("unavailable", "no session token");
    return { who, credential: { kind: "token", token } };
  }
}

/** The page's word for its user, made just now where it can be. */
async function tokenFor(given: UserToken): Promise<string> {
  try {
    const asked = typeof given === "function" ? given() : given;
    const token: unknown = await Promise.race([
      asked,
      new Promise((resolve) => setTimeout(resolve, REQUEST_MS)),
    ]);
    if (typeof token === "string" && token) return token;
    console.error('Asklight("identify", { token }) came to no text.');
  } catch (error) {
    console.error('Asklight("identify", { token }) failed:', error);
  }
  throw new ProxyError("unconfirmed", "the page gave no token for its user");
}

/** Keeps under the user's id, once that is known; before, there is nothing. */
class UserStore implements KeyValueStore {
  readonly #session: UserSession;
  readonly #of: (who: string) => KeyValueStore;

  constructor(session: UserSession, of: (who: string) => KeyValueStore) {
    this.#session = session;
    this.#of = of;
  }

  async get(key: string): Promise<string | null> {
    return (await this.#own())?.get(key) ?? null;
  }

  async set(key: string, value: string): Promise<void> {
    await (await this.#own())?.set(key, value);
  }

  async remove(key: string): Promise<void> {
    await (await this.#own())?.remove(key);
  }

  async #own(): Promise<KeyValueStore | null> {
    if (this.#session.who === null) await this.#session.begin().catch(() => {});
    const { who } = this.#session;
    return who === null ? null : this.#of(who);
  }
}

/** Where the tabs of one user hear each other, once it is known who that is. */
class UserChannel implements Channel {
  #channel: Channel | null = null;
  #listener: (message: unknown) => void = () => {};
  #isClosed = false;

  constructor(name: string, met: Promise<string>) {
    void met.then((who) => {
      if (this.#isClosed) return;
      this.#channel = openChannel(`${name}:${who}`);
      this.#channel?.listen((message) => this.#listener(message));
    });
  }

  post(message: unknown): void {
    this.#channel?.post(message);
  }

  listen(listener: (message: unknown) => void): void {
    this.#listener = listener;
  }

  close(): void {
    this.#isClosed = true;
    this.#channel?.close();
  }
}
