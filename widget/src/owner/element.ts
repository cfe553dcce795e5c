/// <reference path="../ui/css.d.ts" />
/**
 * `<asklight-widget data-site="…">`: the panel in a place of the page's own, without a launcher. With
 * `data-frame` it is the proxy's page in a frame, which the page's other scripts cannot look into.
 * Its size is the page's to give. The launcher's host has the same name, and a tree of its own.
 */
import { watchSelection } from "../selected";
import { signOut } from "../core/signed-out";
import type { AsklightElement, PageInput, UserToken } from "./api";
import { pageInputFrom, userFrom } from "./arguments";
import css from "./element.css?inline";
import { tellOf } from "./events";
import type { Inside, Outside } from "./sides";

type PanelModule = typeof import("../panel");

const LOOKS = ["data-theme", "data-color", "data-color-dark"];

/** On a server, where pages that import this are drawn too, there are no elements. */
const Base = globalThis.HTMLElement ?? Object;

export class WidgetElement
  extends Base
  implements Pick<AsklightElement, "ask" | "context" | "user">
{
  static readonly observedAttributes = LOOKS;
  /** The proxy's origin, where the element names none. */
  static proxy = "";
  /** The panel is loaded with the first element that shows it. */
  static loadPanel: () => Promise<PanelModule>;
  #root: ShadowRoot | null = null;
  #proxy = "";
  #inside: Promise<Inside> | null = null;
  #life = new AbortController();
  #page: PageInput | null = null;
  #user: UserToken | null = null;

  connectedCallback(): void {
    // The launcher's host has its tree already; a move within the page changes nothing.
    if (this.#inside || (this.shadowRoot && !this.#root)) return;
    const proxy = this.dataset.proxy ?? WidgetElement.proxy;
    if (!proxy)
      return console.error("Asklight: <asklight-widget> needs data-proxy, the proxy's address.");
    const root = (this.#root ??= this.attachShadow({ mode: "open" }));
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
    this.#life = new AbortController();
    this.#proxy = new URL(proxy).origin;
    const { dataset: data } = this;
    const [page, user] = [() => this.#page, () => this.#user];
    const outside: Outside = {
      root,
      proxy: this.#proxy,
      data,
      life: this.#life,
      get page() {
        return page();
      },
      get user() {
        return user();
      },
      selection: watchSelection(this, () => {}, this.#life.signal),
      tell: (name, detail) => void this.dispatchEvent(new CustomEvent(name, { detail })),
    };
    this.#inside = data.frame === undefined ? openPanel(outside) : openFrame(outside);
    this.#inside.catch((error: unknown) => {
      console.error("Asklight:", error);
      this.#inside = null;
    });
  }

  disconnectedCallback(): void {
    queueMicrotask(() => {
      if (this.isConnected || !this.#inside) return;
      this.#life.abort();
      this.#do((inside) => inside.destroy());
      this.#inside = null;
    });
  }

  attributeChangedCallback(): void {
    this.#do((inside) => inside.restyle());
  }

  /** Puts a question into the composer, or asks it at once. */
  ask(question: string, options: { send?: boolean } = {}): void {
    this.#do((inside) => (options.send ? inside.ask(question) : inside.draft(question)));
  }

  override focus(): void {
    this.#do((inside) => inside.focus());
  }

  /** What the page is about, in place of what would be read from it. */
  get context(): PageInput | null {
    return this.#page;
  }

  set context(given: PageInput | null) {
    const page = pageInputFrom(given);
    if (page === undefined)
      console.error(
        "Asklight: context needs { url, title, content }, each a text or null, or null.",
      );
    else this.#page = page;
    this.#do((inside) => inside.refresh());
  }

  /** Whom the page vouches for; null: nobody, or they signed out. */
  set user(given: { token: UserToken } | null) {
    const user = userFrom(given);
    if (user === undefined) {
      console.error("Asklight: user needs { token }, a text or what gives one, or null.");
      return;
    }
    this.#user = user;
    this.#do(async (inside) => {
      await inside.identify(user);
      if (!user) signOut(this.#proxy, this.dataset.site);
    });
  }

  #do(action: (inside: Inside) => unknown): void {
    this.#inside?.then(action).catch(() => {});
  }
}

async function openPanel(outside: Outside): Promise<Inside> {
  const { root, life, selection, tell } = outside;
  const { openWidget } = await WidgetElement.loadPanel();
  const widget = await openWidget({
    ...outside,
    get page() {
      return outside.page;
    },
    user: outside.user,
    container: root,
    layout: "fill",
    hidden: null,
    show: async () => {},
    dress: () => {},
  });
  widget.setOpen(true);
  const take = () => {
    const selected = selection();
    if (selected) widget.addSelection(selected);
  };
  // Whoever turns to the panel brings along what they had selected.
  for (const type of ["pointerdown", "focusin"])
    root.host.addEventListener(type, take, { signal: life.signal, capture: true });
  widget.watch((chat) => tellOf(chat, tell, life.signal));
  return widget;
}

async function openFrame(outside: Outside): Promise<Inside> {
  const { FrameHost } = await import("./frame-host");
  return new FrameHost(outside);
}

/** Makes `<asklight-widget>` an element of ours; doing so twice is harmless. */
export function define(loadPanel: () => Promise<PanelModule>): void {
  WidgetElement.loadPanel ??= loadPanel;
  if (!customElements.get("asklight-widget"))
    customElements.define("asklight-widget", WidgetElement);
}
