"""Drives the built extension in a real Chromium: its toolbar button, its worker and its real side panel.

Playwright shows no side panels. `Extensions.triggerAction` presses the toolbar button as a person does (it grants
`activeTab` and counts as a gesture), and the panel that opens is a target of its own, reached through the browser's
debugging session. Native menus and keys are out of reach; their handlers are called in the worker.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar

from playwright.sync_api import BrowserContext, CDPSession, Page, Playwright, Worker

from support.chromium import chromium_path

EXTENSION = Path(__file__).resolve().parents[2] / "extension"
BUILT = EXTENSION / ".output" / "chrome-mv3"
EXTENSION_ID: str = json.loads((EXTENSION / "identity.json").read_text("utf-8"))["chromiumId"]

PATIENCE_SECONDS = 15.0

T = TypeVar("T")

# Finds an element in the panel, whose content stands in open shadow roots.
_FIND = r"""
const find = (selector, root = document) => {
  const found = root.querySelector(selector);
  if (found) return found;
  for (const { shadowRoot } of root.querySelectorAll('*')) {
    const inside = shadowRoot && find(selector, shadowRoot);
    if (inside) return inside;
  }
  return null;
};
const textOf = (root) => [...root.children].map(({ innerText }) => innerText)
  .concat([...root.querySelectorAll('*')].filter((e) => e.shadowRoot).map((e) => textOf(e.shadowRoot)))
  .join('\n');
"""


def until(attempt: Callable[[], T | None], what: str | Callable[[], str]) -> T:
    """What `attempt` gives once it gives something true; fails, naming `what`, when it never does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := attempt()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain for {what if isinstance(what, str) else what()}")
        time.sleep(0.02)
    return found


def build_allowed(folder: Path, hosts: Iterable[str]) -> Path:
    """A copy of the build that has had `hosts` (match patterns) allowed from the start.

    The prompt that asks for a host cannot be answered by a program; a host that is allowed already is granted
    without one, so everything else runs as it does for a person.
    """
    shutil.copytree(BUILT, folder, dirs_exist_ok=True)
    manifest_path = folder / "manifest.json"
    manifest = json.loads(manifest_path.read_text("utf-8"))
    manifest["host_permissions"] = list(hosts)
    manifest_path.write_text(json.dumps(manifest), "utf-8")
    return folder


class SidePanel:
    """The open side panel, as a person sees it and types into it."""

    def __init__(self, session: CDPSession, target_id: str) -> None:
        self._session = session
        attached = session.send("Target.attachToTarget", {"targetId": target_id, "flatten": False})
        self._id: str = attached["sessionId"]
        self._answers: dict[int, dict[str, Any]] = {}
        self._sent = 0
        session.on("Target.receivedMessageFromTarget", self._received)

    def _received(self, event: dict[str, Any]) -> None:
        if event["sessionId"] == self._id:
            message = json.loads(event["message"])
            self._answers[message.get("id", 0)] = message

    def _send(self, method: str, **params: object) -> dict[str, Any]:
        self._sent += 1
        number = self._sent
        message = json.dumps({"id": number, "method": method, "params": params})
        self._session.send(
            "Target.sendMessageToTarget", {"sessionId": self._id, "message": message}
        )

        def answer() -> dict[str, Any] | None:
            self._session.send("Browser.getVersion")  # lets Playwright deliver events
            return self._answers.pop(number, None)

        answered = until(answer, f"{method} in the side panel")
        assert "error" not in answered, answered["error"]
        result: dict[str, Any] = answered["result"]
        return result

    def run(self, script: str) -> Any:
        """What a script in the panel comes to; promises are awaited, failures raised."""
        answer = self._send(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def evaluate(self, expression: str) -> Any:
        """The value of an expression in the panel, which may use `find` and `textOf`."""
        return self.run(f"(async () => {{ {_FIND} return ({expression}); }})()")

    @property
    def text(self) -> str:
        """All that can be read in the panel."""
        text: str = self.evaluate("textOf(document)")
        return text

    def wait_for_text(self, *texts: str) -> None:
        """Waits until all of `texts` can be read."""
        until(lambda: all(text in self.text for text in texts), lambda: f"{texts} in: {self.text}")

    def wait_until(self, expression: str) -> Any:
        """The value of an expression once it is true."""
        return until(lambda: self.evaluate(expression), expression)

    def click(self, selector: str) -> None:
        """Presses the left button in the middle of an element, of its first line if it has several."""
        box = self.wait_until(
            f"""(() => {{ const element = find({json.dumps(selector)}); if (!element) return null;
            element.scrollIntoView({{ block: 'nearest' }});
            const {{ x, y, width, height }} = element.getClientRects()[0];
            return {{ x: x + width / 2, y: y + height / 2 }}; }})()"""
        )
        for kind in ("mousePressed", "mouseReleased"):
            self._send("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **box)

    def write(self, text: str) -> None:
        """Types into what has the focus."""
        self._send("Input.insertText", text=text)

    def press(self, key: Literal["Enter", "Tab", "Escape"]) -> None:
        """Presses and releases one key."""
        code, text = {"Enter": (13, "\r"), "Tab": (9, ""), "Escape": (27, "")}[key]
        self._send(
            "Input.dispatchKeyEvent",
            type="keyDown",
            key=key,
            code=key,
            windowsVirtualKeyCode=code,
            text=text,
        )
        self._send("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def screenshot(self, path: Path) -> None:
        """Saves what the panel shows as a PNG."""
        path.write_bytes(b64decode(self._send("Page.captureScreenshot")["data"]))


class ExtensionBrowser:
    """A Chromium with the extension in it and a fresh profile."""

    def __init__(self, context: BrowserContext) -> None:
        assert context.browser
        self.context = context
        self._session = context.browser.new_browser_cdp_session()
        self._panel: SidePanel | None = None
        if not context.service_workers:
            context.wait_for_event("serviceworker")
        # A browser passes a click on only to a worker that has run once; a person is never that quick.
        listens = "chrome.action.onClicked.hasListeners()"
        until(lambda: self.worker.evaluate(listens), "the worker to have started")

    @property
    def worker(self) -> Worker:
        """The extension's worker, if it is awake."""
        return self.context.service_workers[-1]

    def _targets(self) -> list[dict[str, Any]]:
        targets: list[dict[str, Any]] = self._session.send("Target.getTargets", {"filter": [{}]})[
            "targetInfos"
        ]
        return targets

    def press_toolbar_button(self, page: Page) -> None:
        """Presses the extension's button while `page`, whose address must be the only one like it, is in front."""
        page.bring_to_front()
        tabs = [t for t in self._targets() if t["type"] == "tab" and t["url"] == page.url]
        assert len(tabs) == 1, tabs
        self._session.send(
            "Extensions.triggerAction", {"id": EXTENSION_ID, "targetId": tabs[0]["targetId"]}
        )

    def _panel_target(self) -> str | None:
        address = f"chrome-extension://{EXTENSION_ID}/sidepanel.html"
        found = (
            t["targetId"] for t in self._targets() if (t["type"], t["url"]) == ("page", address)
        )
        return next(found, None)

    @property
    def panel(self) -> SidePanel:
        """The side panel, once it is open."""
        if self._panel is None:
            target_id = until(self._panel_target, "the side panel to open")
            self._panel = SidePanel(self._session, target_id)
        return self._panel

    def close_panel(self) -> None:
        """Closes the side panel."""
        assert self._panel
        self._panel.run("void setTimeout(close)")
        self._panel = None
        until(lambda: self._panel_target() is None, "the side panel to close")

    def choose_menu(self, page: Page, selection: str | None) -> None:
        """Tells the worker that the extension's menu was chosen on `page`."""
        page.bring_to_front()
        info: dict[str, object] = {"menuItemId": "selection" if selection else "page"}
        if selection:
            info["selectionText"] = selection
        self._dispatch("chrome.contextMenus.onClicked.dispatch(argument, tab)", info)

    def press_keys(self, page: Page) -> None:
        """Tells the worker that the extension's keys were pressed on `page`."""
        page.bring_to_front()
        self._dispatch("chrome.commands.onCommand.dispatch(argument, tab)", "ask")

    def _dispatch(self, call: str, argument: object) -> None:
        self.worker.evaluate(
            f"""async (argument) => {{
              const [tab] = await chrome.tabs.query({{ active: true, lastFocusedWindow: true }});
              {call};
            }}""",
            argument,
        )

    def stop_worker(self, page: Page) -> None:
        """Stops the worker as the browser does when it has nothing to do."""
        session = self.context.new_cdp_session(page)
        session.send("ServiceWorker.enable")
        session.send("ServiceWorker.stopAllWorkers")
        session.detach()

        def is_stopped() -> bool:
            return all(t["type"] != "service_worker" for t in self._targets())

        until(is_stopped, "the worker to stop")

    def options(self) -> Page:
        """The settings, in a tab of their own."""
        page = self.context.new_page()
        page.goto(f"chrome-extension://{EXTENSION_ID}/options.html")
        return page

    def set_up(self, proxy: str) -> None:
        """Sets the proxy's address as a person does."""
        page = self.options()
        page.get_by_label("Address").fill(proxy)
        page.get_by_label("Site").fill("demo")
        page.get_by_role("button", name="Save and connect").click()
        page.get_by_text(f"Connected to {proxy}.").wait_for()
        page.close()


@contextmanager
def extension_browser(
    playwright: Playwright, folder: Path, hosts: Iterable[str]
) -> Iterator[ExtensionBrowser]:
    """A Chromium with the extension in it, which `hosts` (match patterns) are allowed to already."""
    build = build_allowed(folder / "build", hosts)
    context = playwright.chromium.launch_persistent_context(
        folder / "profile",
        executable_path=chromium_path(),
        # Chromium's sandbox does not work as root.
        chromium_sandbox=not (hasattr(os, "geteuid") and os.geteuid() == 0),
        args=[
            "--no-first-run",
            f"--disable-extensions-except={build}",
            f"--load-extension={build}",
            "--enable-unsafe-extension-debugging",
        ],
    )
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    try:
        yield ExtensionBrowser(context)
    finally:
        context.close()
