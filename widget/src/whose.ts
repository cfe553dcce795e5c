/** A panel for one person at a time. For another it is made anew, so that nothing of the one before is left in it. */
import { Attachments } from "./core/attachments";
import { createClient, type ClientOptions } from "./core/client";
import { localStore, tabStore } from "./core/storage";
import type { UserToken } from "./owner/api";
import type { Users } from "./core/users";
import type { PanelHandle, PanelOptions } from "./ui/mount";

/** What a panel is made of for one person or another. */
export type Parts = Pick<PanelOptions, "client" | "memory" | "drafts" | "tabs" | "attachments">;

export class Whose {
  panel!: PanelHandle;
  readonly #options: ClientOptions;
  readonly #mount: (parts: Parts) => PanelHandle;
  #user: UserToken | null = null;
  #users: Users | null = null;
  /** Theirs again when a user signs out: a browser without cookies has their session nowhere else. */
  #nobody: ReturnType<typeof nobodysParts> | undefined;
  #attachments: Attachments | undefined;
  #changing: Promise<unknown> = Promise.resolve();

  /** `mount` makes a panel. */
  constructor(options: ClientOptions, mount: (parts: Parts) => PanelHandle) {
    this.#options = options;
    this.#mount = mount;
  }

  /** The panel of whoever is to have it by now. */
  get settled(): Promise<PanelHandle> {
    return this.#changing.catch(() => {}).then(() => this.panel);
  }

  end(): void {
    this.#users?.end();
    this.panel.destroy();
  }

  /** Makes the panel the user's, or with null nobody's. `isNews`: the visitor's other tabs do not know. */
  become(user: UserToken | null, isNews = true): Promise<unknown> {
    return (this.#changing = this.settled.then(() => this.#become(user, isNews)));
  }

  async #become(user: UserToken | null, isNews: boolean): Promise<void> {
    const before = this.#user;
    const isSame = user ? this.#users?.isSame(user) : !before;
    if (this.#attachments && isNews && (await isSame)) return void (this.#user = user);
    const nobody = (this.#nobody ??= nobodysParts(this.#options));
    const onOther = (who: string | null) => void this.become(who ? this.#user : null, false);
    const users = user
      ? (await import("./core/users")).forUser(this.#options, user, isNews, onOther)
      : null;
    // Who signs in goes on with what they have selected and typed; nobody else does.
    const typed = !before && this.panel?.typed;
    if (before) this.#attachments = undefined;
    this.#attachments ??= new Attachments(nobody.memory);
    const hadFocus = this.panel?.destroy();
    this.#users?.end();
    this.#users = users;
    this.#user = user;
    this.panel = this.#mount({
      ...(users ?? nobody),
      attachments: this.#attachments,
    });
    if (typed) this.panel.draft(typed);
    if (hadFocus) this.panel.focus();
  }
}

function nobodysParts(options: ClientOptions) {
  const tabs = `asklight:${options.proxy}:${options.site}`;
  const name = `${tabs}:`;
  return { client: createClient(options), memory: localStore(name), drafts: tabStore(name), tabs };
}
