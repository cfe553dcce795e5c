/**
 * `asklight/define`: makes `<asklight-widget data-proxy="…" data-site="…">` an element, with the panel
 * bundled. Nothing is loaded from the proxy but answers, so a page's `script-src` stays as it is.
 */
import { define } from "../owner/element";

if (typeof customElements !== "undefined") define(() => import("../panel"));
