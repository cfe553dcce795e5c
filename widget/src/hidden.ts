/** What the visitor switched off on this site: kept in its storage, by that act alone. */

/** The launcher and all that is offered; or the offers at selections alone; or nothing. */
export type Hidden = "all" | "offers" | "";

function keyOf(site: string | undefined): string {
  return `asklight:${site}:hidden`;
}

export function hiddenHere(site: string | undefined): Hidden | null {
  try {
    return localStorage.getItem(keyOf(site)) as Hidden | null;
  } catch {
    // Blocked, or a sandboxed frame: then nothing was kept.
    return null;
  }
}

export function keepHidden(site: string | undefined, hidden: Hidden): void {
  try {
    if (hidden) localStorage.setItem(keyOf(site), hidden);
    else localStorage.removeItem(keyOf(site));
  } catch {
    // It is hidden until the page is left.
  }
}
