/** Going through the rows of the list by key. */

/** Up and down go from row to row, down from the search to the first; the page does not scroll by it. */
export function stepThrough(box: HTMLElement | null, event: KeyboardEvent): void {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by || !(event.target instanceof HTMLElement)) return;
  const rows = [...(box?.querySelectorAll<HTMLElement>(".chat-open") ?? [])];
  const item = event.target.closest(".chat-item");
  const now = rows.findIndex((row) => row.parentElement === item);
  const next = now < 0 && !event.target.matches("input") ? undefined : rows[now + by];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
