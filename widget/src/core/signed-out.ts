/** What is kept of users the page vouched for, below a name of its own, goes when they sign out. */

/** Below it, and the user's own id, stands what is kept of a user. */
export function usersOf(site: string): string {
  return `asklight:${site}:user`;
}

/** Nothing of any user is left in this browser's storage, but of the one whose id is `but`. */
export function forgetUsers(site: string, but?: string): void {
  for (const storage of [() => localStorage, () => sessionStorage])
    try {
      for (const key of Object.keys(storage()))
        if (key.startsWith(`${usersOf(site)}:`) && !key.startsWith(`${usersOf(site)}:${but}:`))
          storage().removeItem(key);
    } catch {
      // Where storage is forbidden nothing was kept.
    }
}

/** Nobody is signed in any more, here and in the other tabs. */
export function signOut(site = "demo"): void {
  forgetUsers(site);
  tellTabs(site, null);
}

/** Tells the visitor's other tabs who is signed in, or that nobody is any more. */
export function tellTabs(site: string, who: string | null): void {
  try {
    const channel = new BroadcastChannel(usersOf(site));
    channel.postMessage(who);
    channel.close();
  } catch {
    // A tab that cannot tell others is alone.
  }
}
