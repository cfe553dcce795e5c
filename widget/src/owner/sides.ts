/** The two sides of an element: what stands in it, and the page beside it. */
import type { Selected } from "../selected";
import type { AsklightEvents, PageInput, UserToken } from "./api";

/** What stands in the element, in its own tree or in a frame. */
export interface Inside {
  ask(question: string): unknown;
  draft(question: string): unknown;
  focus(): void;
  refresh(): unknown;
  restyle(): void;
  identify(user: UserToken | null): unknown;
  destroy(): void;
}

/** What the page beside the element gives, and is told. */
export interface Outside {
  readonly root: ShadowRoot;
  readonly proxy: string;
  readonly data: DOMStringMap;
  readonly life: AbortController;
  readonly page: PageInput | null;
  readonly user: UserToken | null;
  /** The page's selection, where there is one. */
  selection(): Selected | null;
  tell<Name extends keyof AsklightEvents>(name: Name, detail: AsklightEvents[Name]): void;
}
