/** Whether the visitor hid the launcher on this site: kept in its storage, by that act alone. */

function keyOf(site: string | undefined): string {
  return `asklight:${site}:hidden`;
}

export function isHiddenHere(site: string | undefined): boolean {
  try {
    return localStorage.getItem(keyOf(site)) != null;
  } catch {
    // Blocked, or a sandboxed frame: then nothing was kept.
    return false;
  }
}

export function keepHidden(site: string | undefined, isHidden: boolean): void {
  try {
    if (isHidden) localStorage.setItem(keyOf(site), "1");
    else localStorage.removeItem(keyOf(site));
  } catch {
    // It is hidden until the page is left.
  }
}
