/** What is kept of users the page vouched for, below a name of its own, goes when they sign out. */

/** Whose users: another proxy's site of the same id is another. */
export interface At {
  proxy: string;
  site: string;
}

/** Below it, and the user's own id, stands what is kept of a user. */
export function usersOf({ proxy, site }: At): string {
  return `asklight:${proxy}:${site}:user`;
}

/** Nothing of any user is left in this browser's storage, but of the one whose id is `but`. */
export function forgetUsers(at: At, but?: string): void {
  const name = usersOf(at);
  for (const storage of [() => localStorage, () => sessionStorage])
    try {
      for (const key of Object.keys(storage()))
        if (key.startsWith(`${name}:`) && !key.startsWith(`${name}:${but}:`))
          storage().removeItem(key);
    } catch {
      // Where storage is forbidden nothing was kept.
    }
}

/** Nobody is signed in any more, here and in the other tabs. */
export function signOut(proxy: string, site = "demo"): void {
  forgetUsers({ proxy, site });
  tellTabs({ proxy, site }, null);
}

/** Tells the visitor's other tabs who is signed in, or that nobody is any more. */
export function tellTabs(at: At, who: string | null): void {
  try {
    const channel = new BroadcastChannel(usersOf(at));
    channel.postMessage(who);
    channel.close();
  } catch {
    // A tab that cannot tell others is alone.
  }
}
