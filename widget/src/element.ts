/**
 * `/element.js`, a module: defines `<asklight-widget>` on pages that give the panel a place of its own.
 * The panel is the one the launcher loads.
 */
import { WidgetElement, define } from "./owner/element";

/** Where the panel stands below the proxy's origin: put in by the build. */
declare const PANEL: string;

const { origin } = new URL(import.meta.url);
WidgetElement.proxy = origin;
define(() => import(/* @vite-ignore */ `${origin}/${PANEL}`) as Promise<typeof import("./panel")>);
