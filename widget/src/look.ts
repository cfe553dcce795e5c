/// <reference path="./ui/css.d.ts" />
/**
 * How the site wants its launcher, and how that stands beside another site's. It comes right after the
 * launcher, which shows itself once this is there. The proxy puts the site's own settings before it, as
 * `LOOK`; what a page pins is the launcher alone, so that a later release's look must suit an earlier one.
 */
import { launchersOnPage } from "./beside";
import type { Look } from "./core/types";
import type { Launcher } from "./launcher";
import css from "./look.css?inline";
import { contrast, rgbOf } from "./ui/palette";

declare const LOOK: Pick<Look, "brandColor" | "position">;

/** The part of the launcher that is dressed here. */
export type Dressed = Pick<
  Launcher,
  "corner" | "data" | "disc" | "dress" | "hidden" | "hide" | "isOpen" | "life" | "run" | "settle"
>;

/** The disc's own ground. */
const PAPER = "#fffdf7";

/** A little less than the marker's yellow has on it: whatever is paler needs an edge to be seen. */
const PLAIN = 1.25;

/** How far one launcher stands above another. */
const STEP_PX = 68;

export function run(launcher: Dressed): void {
  const { corner, data, disc } = launcher;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  (corner.getRootNode() as ShadowRoot).adoptedStyleSheets.push(sheet);
  addHide(launcher);
  addEdge(disc);
  const { dress } = launcher;
  launcher.dress = (look) => {
    dress(look);
    disc.classList.toggle("pale", isPale(look.brandColor));
  };
  launcher.dress({
    brandColor: data.color ?? LOOK.brandColor,
    position: data.position ?? LOOK.position,
  });
  standBeside(launcher);
}

/** The button that hides the launcher on this site. */
function addHide(launcher: Dressed): void {
  const hide = (launcher.hide = document.createElement("button"));
  hide.className = "hide";
  hide.textContent = "×";
  hide.ariaLabel = "Hide this button on this site";
  hide.onclick = () => launcher.run(hide);
  launcher.disc.after(hide);
}

/** Below the stroke of marker, and a little wider: drawn where that is pale. */
function addEdge(disc: HTMLElement): void {
  const stroke = disc.querySelector("path");
  const edge = stroke?.cloneNode() as SVGPathElement;
  edge.classList.add("edge");
  stroke?.before(edge);
}

function isPale(color: string | undefined): boolean {
  const rgb = rgbOf(color ?? "");
  return rgb !== null && contrast(rgb, PAPER) < PLAIN;
}

/** Above those of other sites' widgets in the same corner, and none of them on an open panel. */
function standBeside(launcher: Dressed): void {
  const { corner, data, life } = launcher;
  const { host } = corner.getRootNode() as ShadowRoot;
  const isLeft = (one: Element) => one.classList.contains("bottom-left");
  const inMyCorner = () =>
    launchersOnPage().flatMap((root) => {
      const theirs = root.querySelector<HTMLElement>("[part=launcher]");
      return theirs && isLeft(theirs) === isLeft(corner) ? theirs : [];
    });
  corner.toggleAttribute("data-off", launcher.hidden === "all" || data.launcher === "off");
  const below = inMyCorner().filter(
    (one) =>
      !one.hasAttribute("data-off") &&
      host.compareDocumentPosition((one.getRootNode() as ShadowRoot).host) &
        Node.DOCUMENT_POSITION_PRECEDING,
  );
  corner.style.marginBottom = `${below.length * STEP_PX}px`;
  const makeRoom = () => {
    for (const one of inMyCorner())
      if (one !== corner) one.style.display = launcher.isOpen ? "none" : "";
  };
  const { settle } = launcher;
  launcher.settle = () => {
    settle();
    makeRoom();
  };
  life.signal.addEventListener("abort", makeRoom);
}
