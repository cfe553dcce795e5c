"""Firefox and WebKit as Debian packages them, driven by WebDriver's commands (https://www.w3.org/TR/webdriver2/).

Playwright drives neither: it wants builds of its own. Firefox takes the commands on a socket (Marionette), WebKit by
HTTP from its driver, on a screen that nobody sees. What is pressed is pressed at its place in the window, and keys go
where the focus is, as a person's do.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection, socket
from typing import Any, BinaryIO, Final

import httpx2

from support.packages import program

START_SECONDS: Final = 30
PATIENCE_SECONDS: Final = 10.0
"""How long a test waits for what must happen before it fails."""

_LOOK_SECONDS: Final = 0.02

WIDTH, HEIGHT = 1280, 900

_KEYS: Final = {
    "Tab": "\ue004",
    "Enter": "\ue007",
    "Shift": "\ue008",
    "Alt": "\ue00a",
    "Escape": "\ue00c",
}

_ADDRESSES: Final = {
    "ExecuteScript": ("POST", "execute/sync"),
    "Navigate": ("POST", "url"),
    "PerformActions": ("POST", "actions"),
    "Refresh": ("POST", "refresh"),
    "SetWindowRect": ("POST", "window/rect"),
    "TakeScreenshot": ("GET", "screenshot"),
}
"""Where WebDriver has the commands that Marionette calls so."""

_FIREFOX_PREFERENCES: Final = {
    "marionette.port": 0,
    "browser.shell.checkDefaultBrowser": False,
    # Without a screen it takes itself for a telephone.
    "ui.primaryPointerCapabilities": 6,
    "ui.allPointerCapabilities": 6,
    # It looks for hosts of its maker's: nothing answers there. This machine is reached without a proxy.
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
}

_FINDING: Final = """\
const shadowOf = globalThis.shadowOf ?? ((one) => one.shadowRoot);
const active = (root) => Object.getOwnPropertyDescriptor(Document.prototype, "activeElement").get.call(root);
const everywhere = (root, selector) => [
  ...root.querySelectorAll(selector),
  ...[...root.querySelectorAll("*")].flatMap((one) => shadowOf(one) ? everywhere(shadowOf(one), selector) : []),
];
const all = (selector) => everywhere(document, selector).filter(
  (one) => one.getClientRects().length > 0 && one.checkVisibility({ visibilityProperty: true, opacityProperty: true }),
);
const button = (name) => all("button").find((one) => (one.ariaLabel || one.textContent).trim() == name);
const texts = (selector) => all(selector).map((one) => one.textContent);
const focused = (at = active(document)) => shadowOf(at)?.activeElement ? focused(shadowOf(at).activeElement) : at;
const moves = (one) => one && (one.getAnimations().some(({ playState }) => playState == "running")
  || moves(one.parentElement ?? one.getRootNode().host));
const box = (one) => { const { x, y, width, height } = one.getBoundingClientRect(); return [x, y, width, height]; };
"""
"""What a test's expressions can use: what is seen, in shadow trees too. A page that takes away what this needs can
leave it a `shadowOf`."""

Command = Callable[[str, dict[str, Any]], Any]


@dataclass(frozen=True)
class Tab:
    """A browser's only tab. `complaints` gives what its console holds of errors and warnings."""

    name: str
    version: str
    command: Command
    complaints: Callable[[], list[str]]

    def goto(self, address: str) -> None:
        self.command("Navigate", {"url": address})

    def reload(self) -> None:
        self.command("Refresh", {})

    def resize(self, width: int, height: int) -> None:
        """Of the window, with the browser's own bars."""
        self.command("SetWindowRect", {"x": 0, "y": 0, "width": width, "height": height})

    def picture(self, path: Path) -> None:
        """What is seen of the page, as PNG."""
        path.write_bytes(base64.b64decode(self.command("TakeScreenshot", {"full": False})))

    def run(self, script: str) -> None:
        """Runs statements of JavaScript."""
        self.command("ExecuteScript", {"script": script, "args": []})

    def evaluate(self, expression: str) -> Any:
        """What an expression of JavaScript comes to."""
        return self.command(
            "ExecuteScript", {"script": f"{_FINDING}return {expression};", "args": []}
        )

    def wait_for(self, expression: str) -> Any:
        """What the expression comes to as soon as that is true."""
        return _until(lambda: self.evaluate(expression), expression)

    def becomes(self, expression: str, value: Any) -> None:
        """Waits until the expression comes to the value; else what it came to is in the failure."""
        with suppress(TimeoutError):
            _until(lambda: self.evaluate(expression) == value, expression)
        came_to = self.evaluate(expression)
        assert came_to == value, f"{expression} came to {came_to!r}, not to {value!r}"

    def place(self, element: str) -> list[float]:
        """Left, top, width and height of what the expression comes to, once it is there and has come to rest."""
        place: list[float] = self.wait_for(f"({element}) && !moves({element}) && box({element})")
        return place

    def press(self, *names: str) -> None:
        """Presses buttons, one after another."""
        for name in names:
            self.click(f"button({json.dumps(name)})")

    def click(self, element: str) -> None:
        """Presses the middle of it, scrolled into sight."""
        self.wait_for(f"!!({element})")
        self.evaluate(f"({element}).scrollIntoView({{ block: 'nearest' }})")
        self.drag(self.middle(element))

    def middle(self, element: str) -> tuple[float, float]:
        """Of it, where it is."""
        left, top, width, height = self.place(element)
        return left + width / 2, top + height / 2

    def drag(self, *path: tuple[float, float]) -> None:
        """Presses the mouse's button at the first place and lets it go at the last."""
        steps = [{"type": "pointerMove", "x": int(x), "y": int(y), "duration": 0} for x, y in path]
        steps.insert(1, {"type": "pointerDown", "button": 0})
        steps.append({"type": "pointerUp", "button": 0})
        mouse = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}}
        self.command("PerformActions", {"actions": [{**mouse, "actions": steps}]})

    def keys(self, *keys: str) -> None:
        """Presses keys one after another; of ``Alt+Shift+A`` all are held down together."""
        steps = []
        for key in keys:
            held = [_KEYS.get(one, one) for one in key.split("+")] if key != "+" else [key]
            steps += [{"type": "keyDown", "value": one} for one in held]
            steps += [{"type": "keyUp", "value": one} for one in reversed(held)]
        keyboard = {"type": "key", "id": "keyboard"}
        self.command("PerformActions", {"actions": [{**keyboard, "actions": steps}]})


def _until(look: Callable[[], Any], what: str, patience: float = PATIENCE_SECONDS) -> Any:
    ends = time.monotonic() + patience
    while not (found := look()):
        if time.monotonic() > ends:
            raise TimeoutError(f"waited for {what}")
        time.sleep(_LOOK_SECONDS)
    return found


@contextmanager
def firefox(folder: Path) -> Iterator[Tab]:
    """Debian's Firefox, its profile in the empty `folder`."""
    lines = (
        f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
        for name, value in _FIREFOX_PREFERENCES.items()
    )
    (folder / "user.js").write_text("".join(lines), "utf-8")
    command = [program("firefox-esr", "firefox-esr"), "--headless", "--no-remote"]
    command += ["--marionette", "--remote-allow-system-access", "--profile", str(folder)]
    command += [f"--width={WIDTH}", f"--height={HEIGHT}"]
    with _running(command, folder):
        announced = folder / "MarionetteActivePort"
        port = _until(lambda: announced.exists() and announced.read_text(), "it", START_SECONDS)
        with (
            create_connection(("127.0.0.1", int(port)), START_SECONDS) as connection,
            connection.makefile("rb") as answers,
        ):
            marionette = _Marionette(connection, answers)
            told = marionette.command("NewSession", {})["capabilities"]
            yield Tab("Firefox", told["browserVersion"], marionette.command, marionette.complaints)
            marionette.say("Marionette:Quit", {"flags": ["eForceQuit"]})


class _Marionette:
    """Firefox's end of WebDriver: https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html."""

    def __init__(self, connection: socket, answers: BinaryIO) -> None:
        self._connection = connection
        self._answers = answers
        self._count = 0
        self._hear()  # a greeting

    def command(self, name: str, parameters: dict[str, Any]) -> Any:
        """Keys go to the window, as a person's do: those sent to a page never leave it, at its end neither."""
        is_keyed = [action["type"] for action in parameters.get("actions", [])] == ["key"]
        return self._in_window(name, parameters) if is_keyed else self._told(name, parameters)

    def _told(self, name: str, parameters: dict[str, Any]) -> Any:
        answer = self.say(f"WebDriver:{name}", parameters)
        return answer.get("value", answer)

    def _in_window(self, name: str, parameters: dict[str, Any]) -> Any:
        self.say("Marionette:SetContext", {"value": "chrome"})
        try:
            return self._told(name, parameters)
        finally:
            self.say("Marionette:SetContext", {"value": "content"})

    def say(self, name: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self._count += 1
        message = json.dumps([0, self._count, name, parameters]).encode()
        self._connection.sendall(b"%d:%b" % (len(message), message))
        _, _, error, answer = self._hear()
        if error:
            raise RuntimeError(f"{name}: {error['error']}: {error['message']}")
        return answer or {}

    def complaints(self) -> list[str]:
        """Of the pages: the browser's own code complains too, of hosts it does not reach."""
        script = {"script": _COMPLAINTS, "args": []}
        found: list[str] = self._in_window("ExecuteScript", script)
        return found

    def _hear(self) -> Any:
        length = b""
        while (byte := self._answers.read(1)) != b":":
            if not byte:
                raise ConnectionError("Firefox is gone")
            length += byte
        return json.loads(self._answers.read(int(length)))


_COMPLAINTS: Final = """\
const scripts = Services.console.getMessageArray()
  .filter((one) => one instanceof Ci.nsIScriptError && /content|CSP/i.test(one.category))
  .map((one) => `${one.sourceName} ${one.errorMessage}`);
const said = Cc["@mozilla.org/consoleAPI-storage;1"].getService(Ci.nsIConsoleAPIStorage).getEvents()
  .filter(({ filename }) => /^https?:/.test(filename))
  .map(({ level, filename, arguments: all }) => `${level} ${filename} ${all.map(String).join(" ")}`);
return [...scripts, ...said].filter((one) => !/favicon/i.test(one));
"""


@contextmanager
def webkit(folder: Path) -> Iterator[Tab]:
    """Debian's WebKitGTK in its smallest browser; what it keeps, it keeps in `folder`."""
    driver = program("WebKitWebDriver", "webkit2gtk-driver")
    with ExitStack() as stack:
        environment = {
            "DISPLAY": stack.enter_context(_screen(folder)),
            "GDK_BACKEND": "x11",
            "NO_AT_BRIDGE": "1",
            **dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"), str(folder)),
        }
        port = _free_port()
        output = stack.enter_context(_running([driver, f"--port={port}"], folder, environment))
        at = f"http://127.0.0.1:{port}"
        client = stack.enter_context(httpx2.Client(base_url=at, timeout=START_SECONDS))
        _until(lambda: _is_ready(client), "WebKitWebDriver", START_SECONDS)
        browser = {
            "binary": str(next(Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser"))),
            "args": ["--automation", "--enable-write-console-messages-to-stdout=true"],
        }
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": browser}}
        session = _value(client.post("/session", json={"capabilities": wanted}))
        its = f"/session/{session['sessionId']}"

        def command(name: str, parameters: dict[str, Any]) -> Any:
            method, path = _ADDRESSES[name]
            body = parameters if method == "POST" else None
            return _value(client.request(method, f"{its}/{path}", json=body))

        def complaints() -> list[str]:
            return [
                line
                for line in output.read_text("utf-8").splitlines()
                if line.startswith("CONSOLE")
            ]

        tab = Tab("WebKit", session["capabilities"]["browserVersion"], command, complaints)
        tab.resize(WIDTH, HEIGHT)
        yield tab
        client.delete(its)


@contextmanager
def _screen(folder: Path) -> Iterator[str]:
    """A screen of X11 that nobody sees; gives its name."""
    reads, writes = os.pipe()
    with os.fdopen(reads) as named, os.fdopen(writes, "w") as naming:
        screen = [program("Xvfb", "xvfb"), "-displayfd", str(writes), "-nolisten", "tcp"]
        screen += ["-screen", "0", f"{WIDTH}x{HEIGHT}x24"]
        with _running(screen, folder, inherited=writes):
            naming.close()
            yield f":{named.readline().strip()}"


@contextmanager
def _running(
    command: list[str],
    folder: Path,
    environment: dict[str, str] | None = None,
    inherited: int | None = None,
) -> Iterator[Path]:
    """The program while it runs; gives the file with what it says."""
    output = folder / f"{Path(command[0]).name}.out"
    with output.open("wb") as said:
        process = subprocess.Popen(
            command,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            pass_fds=[] if inherited is None else [inherited],
        )
    try:
        yield output
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(START_SECONDS)


def _free_port() -> int:
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def _is_ready(client: httpx2.Client) -> bool:
    try:
        return client.get("/status").is_success
    except httpx2.TransportError:
        return False


def _value(response: httpx2.Response) -> Any:
    value = response.json()["value"]
    if not response.is_success:
        raise RuntimeError(f"{value['error']}: {value['message']}")
    return value
