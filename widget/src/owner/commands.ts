/**
 * `Asklight(command, …)`: what each command does. Loaded with the first one. A page is told in its
 * console what was wrong with a call; nothing is ever thrown into it.
 */
import { signOut } from "../core/signed-out";
import { keepHidden } from "../hidden";
import type { Launcher } from "../launcher";
import { pageInputFrom, themeFrom, userFrom } from "./arguments";
import { Events, isEventName } from "./events";

export { takeOver } from "./siteassist";

/** How long the visitor can take hiding back. */
const UNDO_MS = 8_000;

type Action = (launcher: Launcher, ...given: unknown[]) => unknown;

const events = new WeakMap<Launcher, Events>();

const ACTIONS: Record<string, Action> = {
  open: (launcher) => launcher.show(true),
  close: (launcher) => launcher.show(false),
  toggle: (launcher) => launcher.show(!launcher.isOpen),

  ask: async (launcher, question, options) => {
    if (typeof question !== "string" || !question.trim())
      return complain("ask", "needs the question as text");
    const isSent = (options as { send?: unknown } | undefined)?.send === true;
    const widget = await launcher.show(true);
    if (isSent) await widget?.ask(question);
    else widget?.draft(question);
  },

  context: (launcher, given) => {
    const page = pageInputFrom(given);
    if (page === undefined)
      return complain("context", "needs { url, title, content }, each a text or null, or null");
    launcher.page = page;
    return launcher.widget?.then((widget) => widget.refresh());
  },

  identify: async (launcher, given) => {
    const user = userFrom(given);
    if (user === undefined)
      return complain("identify", "needs { token }, a text or what gives one, or null");
    launcher.user = user;
    await launcher.widget?.then((widget) => widget.identify(user));
    if (!user) signOut(launcher.proxy, launcher.data.site);
  },

  theme: (launcher, given) => {
    const theme = themeFrom(given);
    if (!theme) return complain("theme", 'needs "light", "dark" or "auto"');
    launcher.data.theme = theme;
    return launcher.widget?.then((widget) => widget.restyle());
  },

  on: (launcher, name, listener) =>
    isEventName(name) && typeof listener === "function"
      ? eventsOf(launcher).add(name, listener as () => void)
      : complain("on", "needs an event and a function"),

  off: (launcher, name, listener) =>
    isEventName(name) && typeof listener === "function"
      ? eventsOf(launcher).remove(name, listener as () => void)
      : complain("off", "needs an event and the function it was given to"),

  destroy: (launcher) => {
    events.get(launcher)?.end();
    launcher.isOpen = false;
    launcher.life.abort();
    (launcher.container.getRootNode() as ShadowRoot).host.remove();
    // Unless the page has given the name to the next one already.
    if (Reflect.get(window, "Asklight") === launcher.run)
      Reflect.deleteProperty(window, "Asklight");
    return launcher.widget?.then((widget) => widget.destroy());
  },
};

/** Does what a page said. The launcher's own button says itself. */
export function run(launcher: Launcher, [name, ...given]: unknown[]): unknown {
  if (launcher.life.signal.aborted) return;
  if (name && name === launcher.hide) return hide(launcher, launcher.hide);
  const isKnown = typeof name === "string" && Object.hasOwn(ACTIONS, name);
  if (isKnown) return ACTIONS[name]?.(launcher, ...given);
  const known = Object.keys(ACTIONS).join(", ");
  console.error(`Asklight: ${JSON.stringify(name)} is no command. There are ${known}.`);
}

function eventsOf(launcher: Launcher): Events {
  const known = events.get(launcher) ?? new Events(launcher);
  events.set(launcher, known);
  return known;
}

function complain(command: string, need: string): void {
  console.error(`Asklight("${command}", …) ${need}.`);
}

/** Hides the launcher on this site, and for a while says so in its place; or takes that back. */
function hide(launcher: Launcher, hide: HTMLElement): void {
  const { corner, disc, data, words } = launcher;
  const isHidden = launcher.hidden !== "all";
  keepHidden(data.site, (launcher.hidden = isHidden ? "all" : ""));
  corner.hidden = false;
  disc.hidden = isHidden;
  hide.textContent = isHidden ? (words?.hidden ?? "Hidden on this site. Undo") : "×";
  hide.ariaLabel = isHidden ? null : (words?.hide ?? "Hide this button on this site");
  // Set by the object model: no content policy has a say in it.
  hide.style.cssText = isHidden ? "opacity:1;position:static;padding:11px;white-space:nowrap" : "";
  setTimeout(() => launcher.settle(), UNDO_MS);
}
