/** What the widget offers to other programs of ours, the extension first. */

export { createClient } from "./core/client";
export type { Client, ClientOptions } from "./core/client";
export type { KeyValueStore, Look, PageReading, PageSource, Passage } from "./core/types";
export { readPage } from "./context/page";
export { readSelection } from "./context/selection";
export { visibleText } from "./context/walker";
export { languageFor } from "./core/words";
export type { Language } from "./core/words";
export { mountPanel } from "./ui/mount";
export type { PanelHandle, PanelOptions } from "./ui/mount";
