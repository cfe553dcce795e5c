/** What stands beside "Ask about this": quick actions, and the way to be rid of it. Loaded when a selection rests. */
/// <reference path="./ui/css.d.ts" />
import css from "./ask.css?inline";
import { launchersOnPage } from "./beside";
import { capture } from "./context/capture";
import { quickActions } from "./core/quick-actions";
import { languageFor, type Words } from "./core/words";
import { keepHidden } from "./hidden";
import type { Launcher } from "./launcher";
import type { Selected } from "./selected";
import { wantedLanguages } from "./wanted";
import { keepWithinReach } from "./within-reach";

/** How long switching off can be taken back where it was done; after that in the panel. */
const UNDO_MS = 8_000;

/** The bars that have their other buttons, or are getting them. */
const dressed = new WeakMap<HTMLElement, Promise<void>>();

/** What each bar stands at. */
const offered = new WeakMap<HTMLElement, Selected>();

/** Nothing is offered at these any more. */
const sentAway = new WeakSet<Selected>();

/** The part of the launcher that is needed here. */
type Asking = Pick<Launcher, "bar" | "cameFrom" | "data" | "hidden" | "life" | "show">;

/** A selection came to rest: what is in it is kept, and the bar gets its other buttons, once. */
export async function run(launcher: Asking, selected: Selected): Promise<void> {
  selected.captured ??= capture(selected.range);
  const { bar, life } = launcher;
  // Of some selections nothing may leave the page, or is seen.
  const isUnwanted = !selected.captured || sentAway.has(selected);
  if (isUnwanted || isOfferedAlready(bar)) return void (bar.hidden = true);
  offered.set(bar, selected);
  const { host } = bar.getRootNode() as ShadowRoot;
  keepWithinReach(host as HTMLElement, selected.range.startContainer, life.signal);
  if (!dressed.has(bar)) dressed.set(bar, furnish(launcher));
  await dressed.get(bar);
}

/** What it covers is wanted: the selection stays, and the focus goes back to where it was. */
function sendAwayByKey(launcher: Asking, event: KeyboardEvent): void {
  const { bar, cameFrom } = launcher;
  if (event.key !== "Escape" || bar.hidden) return;
  const selected = offered.get(bar);
  if (selected) sentAway.add(selected);
  const hasFocus = bar.matches(":focus-within");
  bar.hidden = true;
  if (!hasFocus) return;
  event.preventDefault();
  cameFrom?.focus({ preventScroll: true });
}

/** Another site's widget, before this one on the page, offers the same: two would lie on each other. */
function isOfferedAlready(bar: HTMLElement): boolean {
  for (const root of launchersOnPage()) {
    if (root.contains(bar)) return false;
    if (root.querySelector(".ask:not([hidden])")) return true;
  }
  return false;
}

async function furnish(launcher: Asking): Promise<void> {
  const { bar, data } = launcher;
  const { tag, words } = await languageFor(wantedLanguages(data.lang));
  dress(bar);
  bar.lang = tag;
  bar.dir = words.direction;
  const page = document.documentElement.lang || navigator.language;
  bar.children[0]?.setAttribute("aria-keyshortcuts", "Alt+Shift+A");
  bar.setAttribute("role", "group");
  bar.ariaLabel = words.askAbout;
  bar.addEventListener("focusin", ({ relatedTarget: from }) => {
    if (from instanceof HTMLElement && !bar.contains(from)) launcher.cameFrom = from;
  });
  const { signal } = launcher.life;
  addEventListener("keydown", (event) => sendAwayByKey(launcher, event), { capture: true, signal });
  for (const { label, question } of quickActions(words, data.actions, page, navigator.language))
    bar.append(button(label, async () => (await launcher.show(true))?.ask(question)));
  bar.append(offButton(launcher, words));
}

function dress(bar: HTMLElement): void {
  const root = bar.getRootNode() as ShadowRoot;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets.push(sheet);
}

/** Switches the offer off on this site, and for a while says so in its place. */
function offButton(launcher: Asking, words: Words): HTMLElement {
  const { bar, data } = launcher;
  const turn = (areOff: boolean) => {
    launcher.hidden = areOff ? "offers" : "";
    keepHidden(data.site, launcher.hidden);
  };
  const off = button("×", () => {
    const all = [...bar.children];
    turn(true);
    const isOver = setTimeout(() => {
      bar.hidden = true;
      bar.replaceChildren(...all);
    }, UNDO_MS);
    const undo = button(words.askIsOff, () => {
      clearTimeout(isOver);
      turn(false);
      bar.replaceChildren(...all);
    });
    bar.replaceChildren(undo);
    undo.focus();
  });
  off.className = "off";
  off.ariaLabel = off.title = words.askOff;
  return off;
}

function button(label: string, action: () => unknown): HTMLButtonElement {
  const element = document.createElement("button");
  element.textContent = label;
  // The page's selection and focus stay where they are while it is pressed.
  element.onpointerdown = (event) => event.preventDefault();
  element.onclick = action;
  return element;
}
