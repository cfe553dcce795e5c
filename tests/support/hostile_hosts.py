"""Pages that are hard to be a guest on: what sites, their frameworks and their other guests do to a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

OWN = """
<button id="own">The page's own</button> <input id="field" aria-label="The page's field">
<output id="done"></output>
<script>
document.getElementById("own").addEventListener("click", () => document.getElementById("done").textContent += "1");
</script>
"""
"""What the page does itself, and has to go on doing."""

EVERYTHING = """
* { margin: 7px !important; padding: 9px !important; color: red !important; background: lime !important;
    font: 40px/3 fantasy !important; letter-spacing: 6px !important; text-transform: uppercase !important;
    box-sizing: content-box !important; border: 3px dashed blue !important; float: left !important;
    max-width: 50px !important; opacity: .9 !important; z-index: 0 !important; width: 30px !important }
"""

OTHER_CHAT = """
(() => {
  const frame = document.createElement("div");
  frame.style.cssText = "position:fixed;left:20px;bottom:20px;width:60px;height:60px;z-index:2147483647";
  const root = frame.attachShadow({ mode: "open" });
  const button = document.createElement("button");
  button.textContent = "Chat";
  button.style.cssText = "width:100%;height:100%";
  button.onclick = () => (document.getElementById("done").textContent += "chat");
  root.append(button);
  document.body.append(frame);
  // It keeps itself the last and the uppermost, as such guests do.
  new MutationObserver(() => document.body.lastElementChild !== frame && document.body.append(frame))
    .observe(document.body, { childList: true });
  addEventListener("message", (event) => JSON.parse(typeof event.data === "string" ? event.data : "{}"));
  window.$chat = [];
})();
"""

PROTOTYPE_JS = """
Array.prototype.toJSON = function () { return "[" + Array.prototype.map.call(this, String).join(", ") + "]"; };
String.prototype.toJSON = function () { return '"' + this + '"'; };
Object.prototype.toJSON = function () { return "{}"; };
Array.prototype.each = Array.prototype.forEach;
Array.prototype.include = Array.prototype.includes;
Element.prototype.remove = function () { this.parentNode.removeChild(this); return this; };
document.getElementsByClassName = (name) => Array.from(document.querySelectorAll("." + name));
Function.prototype.bind = function (self, ...first) { const it = this; return function (...rest) { return it.apply(self, [...first, ...rest]); }; };
"""

ENUMERABLE = """
Object.prototype.extend = function () { return this; };
Object.prototype.isEmpty = function () { return !Object.keys(this).length; };
Array.prototype.last = function () { return this[this.length - 1]; };
String.prototype.startsWith = function (text) { return this.indexOf(text) === 0; };
"""

FROZEN = """
for (const it of [Object, Array, String, Function, Promise, RegExp, Map, Set, Error])
  Object.freeze(it.prototype);
"""

ZONE = """
const NativePromise = Promise;
window.Promise = class ZoneAwarePromise extends NativePromise {};
for (const name of ["setTimeout", "requestAnimationFrame", "queueMicrotask"]) {
  const before = window[name];
  window[name] = (task, ...rest) => before.call(window, function () { return task.apply(this, arguments); }, ...rest);
}
const listen = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function (type, listener, options) {
  const called = typeof listener === "function" ? function (event) { return listener.call(this, event); } : listener;
  return listen.call(this, type, called, options);
};
"""

FROZEN_FETCH = """
const before = fetch;
window.calls = [];
const wrapped = Object.freeze((...call) => (calls.push(String(call[0])), before(...call)));
Object.defineProperty(window, "fetch", { value: wrapped, writable: false, configurable: false });
"""

HOT_KEYS = """
for (const type of ["keydown", "keypress", "keyup"])
  document.addEventListener(type, (event) => {
    if (!/INPUT|TEXTAREA/.test(event.target.tagName)) event.preventDefault(), document.title += event.key;
  });
"""

FOCUS_TRAP = """
addEventListener("DOMContentLoaded", () => {
  document.addEventListener("focusin", ({ target }) => document.body.contains(target) || field.focus());
});
"""

SCROLL_HIJACK = """
for (const type of ["wheel", "touchmove", "mousewheel"])
  document.addEventListener(type, (event) => event.preventDefault(), { passive: false });
for (const type of ["selectstart", "contextmenu", "copy", "paste", "dragstart"])
  document.addEventListener(type, (event) => event.preventDefault());
"""

CLOBBERED = "".join(
    f'<img name="{name}" alt=""><form name="{name}"></form><a id="{name}"></a>'
    for name in (
        "getSelection", "currentScript", "body", "title", "activeElement", "Asklight", "navigation",
        "customElements", "visualViewport", "children", "hidden", "fonts", "location", "referrer",
    )
)  # fmt: skip

NO_STORAGE = """
for (const name of ["localStorage", "sessionStorage", "indexedDB"])
  Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });
Object.defineProperty(document, "cookie", { get() { throw new DOMException("denied", "SecurityError"); } });
"""

FULL_STORAGE = """
Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
Storage.prototype.getItem = () => null;
"""

HIDDEN_SHADOWS = """
Object.defineProperty(Element.prototype, "shadowRoot", { get: () => null });
Object.defineProperty(Event.prototype, "composedPath", { value: () => [] });
"""

MODULE_SYSTEMS = """
window.define = Object.assign(() => { throw new Error("a module without a name"); }, { amd: {} });
window.require = () => { throw new Error("not found"); };
window.module = { exports: {} };
window.exports = module.exports;
window.process = { env: {} };
window.global = window;
"""

SMOOTH_SCROLLING = """
Element.prototype.scrollTo = Element.prototype.scroll = function () { throw new Error("use the page's scroller"); };
Element.prototype.scrollIntoView = function () { throw new Error("use the page's scroller"); };
window.scrollTo = () => {};
"""

HOSTILE_LATE = """
window.fetch = () => Promise.reject(new Error("no"));
JSON.parse = () => { throw new Error("no"); };
JSON.stringify = () => { throw new Error("no"); };
window.TextDecoder = undefined;
window.ReadableStream = undefined;
"""

ON_TOP = """
<div style="position:fixed;inset:0;z-index:2147483647" onclick="done.textContent += '1'"></div>
"""

LOOK = """async (panel) => {
  await Promise.all(panel.getAnimations({ subtree: true }).map((animation) => animation.finished));
  const parts = ['.bar', '.bubble', '.prose p', '.prose code', '.chip', '.log-content', 'textarea', '.bar button', '.composer button', '.icon'];
  const all = [panel, ...parts.map((part) => panel.querySelector(part))];
  return all.map((element) => {
    const style = getComputedStyle(element);
    const { x, y, width, height } = element.getBoundingClientRect();
    const own = [...style].filter((name) => !name.startsWith('--')).map((name) => [name, style.getPropertyValue(name)]);
    return { ...Object.fromEntries(own), box: [x, y, width, height].map(Math.round).join(' ') };
  });
}"""
"""How the panel and its parts look: every property, and the place of each."""

HIT = """(button) => {
  const { x, y, width, height } = button.getBoundingClientRect();
  const root = button.getRootNode();
  return button.contains(root.elementFromPoint(x + width / 2, y + height / 2)) && [width, height];
}"""

_NONCE = 'nonce="n0nce"'

_KEPT = f"""<script {_NONCE}>{{
  const shadow = Object.getOwnPropertyDescriptor(Element.prototype, "shadowRoot").get;
  Object.defineProperty(globalThis, "shadowOf", {{ value: (one) => Reflect.apply(shadow, one, []) }});
}}</script>"""
"""What a test finds the widget's parts with, whatever the page does later."""


@dataclass(frozen=True)
class Host:
    """A page. `late` runs once the panel is open; `zoom` is how much larger the page draws all there is."""

    head: str = ""
    body: str = ""
    script: str = ""
    late: str = ""
    attributes: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    opening: str = '<!doctype html><html lang="en">'
    own: str = "1"
    is_covered: bool = False
    noise: tuple[str, ...] = ()

    @property
    def whole_head(self) -> str:
        return f"{_KEPT}{self.head}<script {_NONCE}>{self.script}</script>"

    @property
    def whole_body(self) -> str:
        """With what the page does itself."""
        return OWN.replace("<script", f"<script {_NONCE}") + self.body

    def headers_for(self, proxy: str) -> dict[str, str]:
        """The page's headers where the proxy is at that address."""
        return {name: text.replace("{proxy}", proxy) for name, text in self.headers.items()}


def _style(rules: str) -> Host:
    return Host(head=f"<style>{rules}</style>")


def _policy(policy: str) -> Mapping[str, str]:
    return {"Content-Security-Policy": policy}


HOSTS: dict[str, Host] = {
    "a plain page": Host(),
    "a reset that unsets all": _style("* { all: unset !important }"),
    "a style for everything": _style(EVERYTHING),
    "a style against us": _style(
        "asklight-widget, html > :not(head, body) { display: none !important; opacity: 0 !important;"
        " visibility: hidden !important; transform: scale(0) !important; position: static !important }"
    ),
    "a transform on the body": _style(
        "body { transform: translateX(40px) rotate(1deg); filter: blur(0) }"
    ),
    "a transform on the root": _style(
        "html { transform: translateY(-30px); filter: grayscale(1); perspective: 100px; will-change: transform }"
    ),
    "a root that holds all in": _style(
        "html, body { contain: strict; overflow: hidden; height: 400px; width: 800px; position: fixed }"
    ),
    "a root that is off": _style(
        "html { pointer-events: none; user-select: none; cursor: none; touch-action: none;"
        " visibility: hidden } body { pointer-events: auto; visibility: visible }"
    ),
    "a root of another size": _style(
        "html { font-size: 3px; line-height: 4; text-align: right; letter-spacing: 9px; word-break: break-all;"
        " white-space: pre; font-variant: small-caps; text-indent: 50px; tab-size: 1; hyphens: auto }"
    ),
    "a root that reads down": _style("html { writing-mode: vertical-rl; direction: rtl }"),
    "a root with layers of its own": _style(
        "html { isolation: isolate; mix-blend-mode: multiply; z-index: 0; position: relative; opacity: .5 }"
    ),
    "something over everything": Host(body=ON_TOP, is_covered=True),
    "something over everything, later": Host(
        late=f"document.body.insertAdjacentHTML('beforeend', `{ON_TOP}`)", is_covered=True
    ),
    "another chat beside it": Host(
        body=f"<script>{OTHER_CHAT}</script>",
        late="document.body.lastElementChild.shadowRoot.firstElementChild.click()",
        own="chat1",
    ),
    "no doctype": Host(opening='<html lang="en">'),
    "a page from elsewhere": Host(
        head='<base href="https://elsewhere.example/x/" target="_blank"><meta name="referrer" content="no-referrer">'
    ),
    "names that hide the document's own": Host(body=CLOBBERED),
    "Prototype.js": Host(script=PROTOTYPE_JS),
    "prototypes one can see": Host(script=ENUMERABLE),
    "frozen prototypes": Host(script=FROZEN),
    "every call through a zone": Host(script=ZONE),
    "a frozen fetch": Host(script=FROZEN_FETCH),
    "natives broken once it stands": Host(late=HOSTILE_LATE),
    "no storage": Host(script=NO_STORAGE),
    "a full storage": Host(script=FULL_STORAGE),
    "shadow roots one cannot see": Host(script=HIDDEN_SHADOWS),
    "module systems": Host(script=MODULE_SYSTEMS),
    "scrolling by script alone": Host(script=SMOOTH_SCROLLING),
    "keys for everything": Host(script=HOT_KEYS),
    "a trap for the focus": Host(script=FOCUS_TRAP),
    "wheel, copy and menu taken away": Host(script=SCROLL_HIJACK),
    "Trusted Types": Host(
        headers=_policy("require-trusted-types-for 'script'; trusted-types 'none'")
    ),
    "a policy with a nonce": Host(
        attributes='nonce="n0nce"',
        headers=_policy(
            "default-src 'none'; script-src 'nonce-n0nce' 'strict-dynamic'; style-src 'nonce-n0nce';"
            " connect-src {proxy}; base-uri 'none'; form-action 'none'"
        ),
    ),
    "a sandbox": Host(
        headers=_policy("sandbox allow-scripts allow-same-origin"),
        noise=(
            "An iframe which has both allow-scripts and allow-same-origin for its sandbox attribute can escape its sandboxing.",
        ),
    ),
    "a page apart from all others": Host(
        headers={
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Embedder-Policy": "require-corp",
            "Referrer-Policy": "no-referrer",
            "Permissions-Policy": "clipboard-write=(), fullscreen=(), camera=()",
        }
    ),
}
