/// <reference path="./css.d.ts" />
/**
 * The panel's place in a document: a shadow root, its stylesheet and the outermost element. Styles
 * are constructed sheets and the CSS object model alone, so that a host's `style-src 'none'` holds.
 */
import type { Look } from "../core/types";
import type { Language } from "../core/words";
import contextCss from "./context.css?inline";
import css from "./panel.css?inline";

/**
 * What happens in the panel and is none of the page's, which sees it happen on an element it does not
 * know and would take the key for a command, the focus back, and the wheel for its own.
 */
const OURS =
  "keydown keypress keyup focusin wheel touchstart touchmove copy cut paste selectstart contextmenu".split(
    " ",
  );

export interface Surface {
  readonly wrapper: HTMLElement;
  readonly isAlive: boolean;
  /** On a phone the panel leaves nothing of the page to be seen. */
  readonly coversPage: boolean;
  /** Colours, corner and theme. */
  dress(look: Look, palette: Record<string, string>): void;
  setOpen(isOpen: boolean): void;
  remove(): void;
}

const USUAL_TEXT_PX = 16;

/** What a page may style by `asklight-widget::part(…)`: in a tree within a tree, each is named again. */
const PARTS = "panel,bar,log,question,answer,context,composer,terms";

export function createSurface(
  container: HTMLElement | ShadowRoot,
  layout: "floating" | "fill",
  { tag, words }: Language,
  onClose: (() => void) | undefined,
): Surface {
  const isOurs = !(container instanceof ShadowRoot);
  const root = isOurs ? createRoot(container, layout) : container;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css + contextCss);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];

  const wrapper = document.createElement("section");
  wrapper.className = `asklight ${layout}`;
  wrapper.part = "panel";
  wrapper.lang = tag;
  wrapper.dir = words.direction;
  wrapper.setAttribute("role", layout === "floating" ? "dialog" : "region");
  wrapper.setAttribute("aria-label", words.assistant);
  const life = new AbortController();
  if (layout === "floating") keepAboveKeyboard(wrapper, life.signal);
  if (onClose) wrapper.addEventListener("keydown", (event) => closeByKey(event, onClose));
  for (const type of OURS) wrapper.addEventListener(type, (event) => event.stopPropagation());
  root.append(wrapper);
  followTextSize(wrapper);

  return {
    wrapper,
    get isAlive() {
      return wrapper.isConnected;
    },
    get coversPage() {
      const { width, height } = wrapper.getBoundingClientRect();
      return width * height > 0.8 * innerWidth * innerHeight;
    },
    dress: (look, palette) => dress(wrapper, look, palette),
    setOpen: (isOpen) => (wrapper.hidden = !isOpen),
    remove: () => {
      life.abort();
      root.adoptedStyleSheets = root.adoptedStyleSheets.filter((other) => other !== sheet);
      wrapper.nextSibling?.remove();
      wrapper.remove();
      if (isOurs) root.host.remove();
    },
  };
}

/** An element of ours with a shadow root: not every container can have one, nor a second. */
function createRoot(container: HTMLElement, layout: "floating" | "fill"): ShadowRoot {
  const host = document.createElement("div");
  const box = layout === "fill" ? "display: block; height: 100%" : "display: contents";
  host.style.cssText = `all: initial; ${box}`;
  // A page that frames this one, or is read by another widget, does not read our words as its own.
  host.dataset.asklightIgnore = "";
  const root = host.attachShadow({ mode: "open" });
  host.setAttribute("exportparts", PARTS);
  container.append(host);
  return root;
}

/**
 * Whoever has set their browser's text larger has all in the panel larger by as much, whatever sizes the
 * page gives its own text.
 */
function followTextSize(wrapper: HTMLElement): void {
  const { style } = wrapper;
  style.font = "medium serif";
  const size = parseFloat(getComputedStyle(wrapper).fontSize);
  // Out of the page nothing has a size yet.
  style.setProperty("--scale", `${size / USUAL_TEXT_PX || 1}`);
  style.font = "";
}

/** A phone's keyboard covers the window without making it smaller: the panel keeps to what is left. */
function keepAboveKeyboard({ style }: HTMLElement, signal: AbortSignal): void {
  const view = window.visualViewport;
  const fit = () => {
    // Zoomed in, a person is looking closer, and the panel stays as it is.
    if (!view || view.scale > 1) return;
    style.setProperty("--top", `${view.offsetTop}px`);
    style.setProperty("--height", `${view.height}px`);
  };
  fit();
  for (const type of ["resize", "scroll"]) view?.addEventListener(type, fit, { signal });
}

function closeByKey(event: KeyboardEvent, onClose: () => void): void {
  if (event.key !== "Escape" || event.isComposing) return;
  // A dialog of the page's that it stands in stays open.
  event.preventDefault();
  onClose();
}

function dress(wrapper: HTMLElement, look: Look, palette: Record<string, string>): void {
  wrapper.dataset.theme = look.theme ?? "auto";
  wrapper.classList.toggle("left", look.position === "bottom-left");
  if (look.displayName) wrapper.setAttribute("aria-label", look.displayName);
  for (const [name, value] of Object.entries(palette)) wrapper.style.setProperty(name, value);
}
