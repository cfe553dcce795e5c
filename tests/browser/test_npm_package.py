"""The npm package as somebody installs it: packed, unpacked, type-checked, bundled into a React page, and used."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from support.node import NODE, NPM, node_environment
from support.servers import HostPages, RunningProxy
from support.widget import HOST, PROXY_HOST

ROOT = Path(__file__).parents[2]
MODULES = ROOT / "node_modules"
NEEDED = ("react", "react-dom", "scheduler", "csstype", "@types/react", "@types/react-dom")
"""What the example installs beside the package, as the tests have it already."""

LANGUAGES = [
    "en",
    "ar",
    "cs",
    "da",
    "de",
    "es",
    "fa",
    "fi",
    "fr",
    "he",
    "hi",
    "id",
    "it",
    "ja",
    "ko",
    "nb",
    "nl",
    "pl",
    "pt-BR",
    "ru",
    "sv",
    "tr",
    "uk",
    "vi",
    "zh-Hans",
    "zh-Hant",
]

_BUNDLE = """
const { build } = await import("vite");
const [root, outDir] = process.argv.slice(1);
await build({ root, configFile: false, logLevel: "error", base: "/app/", build: { outDir, target: "es2022" } });
"""

_MISUSED = """
import { asklight, type AsklightEvents } from "asklight";
asklight("ask", "Why?", { send: true });
asklight("on", "answer", ({ state }) => { const known: "complete" | "stopped" | "failed" | "cut" = state; void known; });
// @ts-expect-error no such command
asklight("fly");
// @ts-expect-error no such event
asklight("on", "opened", () => {});
// @ts-expect-error not such a detail
asklight("on", "answer", (detail: { colour: string }) => { void detail; });
// @ts-expect-error no such theme
asklight("theme", "blue");
// @ts-expect-error nothing is told of a page's colour
asklight("context", { colour: "red" });
export type Names = keyof AsklightEvents;
"""


def run(*command: str, cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, env=node_environment(), capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The React example with the packed package installed in it, away from the repository's own sources."""
    folder = tmp_path_factory.mktemp("npm")
    run(*NPM, "run", "build:npm", "--workspace", "widget", cwd=ROOT)
    run(*NPM, "pack", "./widget/npm", "--pack-destination", str(folder), cwd=ROOT)
    (tarball,) = folder.glob("*.tgz")
    app = folder / "app"
    shutil.copytree(ROOT / "examples" / "react", app)
    installed = app / "node_modules"
    with tarfile.open(tarball) as packed:
        packed.extractall(installed, filter="data")
    (installed / "package").rename(installed / "asklight")
    for name in NEEDED:
        (installed / name).parent.mkdir(parents=True, exist_ok=True)
        (installed / name).symlink_to(MODULES / name)
    return app


def test_it_holds_what_its_manifest_names_and_nothing_of_ours_besides(example: Path) -> None:
    package = example / "node_modules" / "asklight"
    manifest = json.loads((package / "package.json").read_text("utf-8"))
    widget = json.loads((ROOT / "widget" / "package.json").read_text("utf-8"))
    assert manifest["version"] == widget["version"]
    assert "dependencies" not in manifest
    for entry in manifest["exports"].values():
        for path in entry.values():
            assert (package / path).is_file(), path
    assert not list(package.rglob("*.tsx"))
    assert {path.name for path in package.rglob("*.d.ts")} == {
        "index.d.ts",
        "define.d.ts",
        "api.d.ts",
        "react.d.ts",
    }


def test_its_types_fit_and_refuse_what_is_no_call(example: Path) -> None:
    (example / "misused.ts").write_text(_MISUSED, "utf-8")
    tsconfig = json.loads((example / "tsconfig.json").read_text("utf-8"))
    tsconfig["files"].append("misused.ts")
    (example / "tsconfig.test.json").write_text(json.dumps(tsconfig), "utf-8")
    compiler = MODULES / "typescript" / "bin" / "tsc"
    run(NODE, str(compiler), "--project", "tsconfig.test.json", cwd=example)


@pytest.fixture(scope="module")
def app(example: Path, pages: HostPages, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of the React example, bundled and served by somebody's site."""
    out = tmp_path_factory.mktemp("bundled") / "out"
    run(NODE, "--input-type=module", "--eval", _BUNDLE, str(example), str(out), cwd=ROOT)
    for path in out.rglob("*"):
        if path.is_file():
            kind = "text/javascript" if path.suffix == ".js" else "text/html"
            pages.put(
                f"/app/{path.relative_to(out)}", path.read_text("utf-8"), {"Content-Type": kind}
            )
    return "/app/index.html"


def test_the_react_example_asks_and_hears_of_the_answer(
    app: str, page: Page, pages: HostPages, site: RunningProxy
) -> None:
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(pages.at(HOST, f"{app}?proxy={site.at(PROXY_HOST)}"))
    panel = page.get_by_role("region", name="Assistant")
    expect(panel.locator(".chip").filter(has_text="Page text")).to_be_visible()
    page.get_by_role("button", name="Who pays for the parcel?").click()
    expect(panel.locator(".prose")).to_contain_text("The shop pays for the parcel.")
    expect(page.get_by_role("status").filter(has_text="Answers:")).to_have_text("Answers: complete")
    of_proxy = [url for url in requested if url.startswith(site.at(PROXY_HOST))]
    assert of_proxy
    assert all("/v2/" in url for url in of_proxy)


def test_bundled_it_speaks_every_language_and_loads_each_when_it_is_wanted(
    app: str, page: Page, pages: HostPages, site: RunningProxy
) -> None:
    modules: set[str] = set()
    page.on(
        "request",
        lambda request: modules.add(request.url) if request.url.endswith(".js") else None,
    )
    page.goto(pages.at(HOST, f"{app}?proxy={site.at(PROXY_HOST)}"))
    expect(page.get_by_label("Your question")).to_be_visible()
    said: dict[str, str | None] = {}
    loaded: dict[str, int] = {}
    for tag in LANGUAGES:
        before = len(modules)
        page.evaluate(
            """([proxy, tag]) => {
              document.querySelector("asklight-widget").remove();
              const element = document.createElement("asklight-widget");
              Object.assign(element.dataset, { proxy, site: "demo", lang: tag });
              document.body.append(element);
            }""",
            [site.at(PROXY_HOST), tag],
        )
        panel = page.locator(f"asklight-widget section.asklight[lang='{tag}']")
        said[tag] = panel.locator("textarea").get_attribute("aria-label")
        loaded[tag] = len(modules) - before
    assert len(set(said.values())) == len(LANGUAGES), "each has words of its own"
    assert loaded["en"] == 0
    # With the first of them comes the list of all.
    assert sorted(loaded.values()) == [0, *[1] * (len(LANGUAGES) - 2), 2]


def test_by_the_proxys_script_it_speaks_the_language_that_is_asked_for(
    example: Path, page: Page, pages: HostPages, site: RunningProxy
) -> None:
    index = (example / "node_modules" / "asklight" / "dist" / "index.js").read_text("utf-8")
    pages.put("/asklight/index.js", index, {"Content-Type": "text/javascript"})
    options = json.dumps({"proxy": site.at(PROXY_HOST), "site": "demo", "lang": "de"})
    pages.put(
        "/asklight/",
        '<!doctype html><html lang="en"><script type="module">'
        f'import {{ loadAsklight }} from "/asklight/index.js"; loadAsklight({options})</script>',
    )
    page.goto(pages.at(HOST, "/asklight/"))
    page.get_by_role("button", name="Zu dieser Seite fragen").click()
    expect(page.get_by_role("dialog").get_by_label("Deine Frage")).to_be_visible()


def test_what_an_effect_takes_away_and_loads_again_is_there_once_and_listens(
    example: Path, page: Page, pages: HostPages, site: RunningProxy
) -> None:
    index = (example / "node_modules" / "asklight" / "dist" / "index.js").read_text("utf-8")
    pages.put("/asklight/index.js", index, {"Content-Type": "text/javascript"})
    options = json.dumps({"proxy": site.at(PROXY_HOST), "site": "demo"})
    mount = (
        f'loadAsklight({options}); asklight("on", "open", () => document.title += " open"); '
        'const unmount = () => asklight("destroy");'
    )
    pages.put(
        "/asklight/",
        '<!doctype html><html lang="en"><title>It is</title><script type="module">'
        'import { asklight, loadAsklight } from "/asklight/index.js";'
        f"globalThis.mount = () => {{ {mount} return unmount; }};"
        "mount()(); globalThis.unmount = mount();</script>",
    )
    page.goto(pages.at(HOST, "/asklight/"))
    launcher = page.get_by_role("button", name="Ask about this page")
    for opened in range(1, 3):
        launcher.click()
        expect(page.get_by_label("Your question")).to_be_visible()
        expect(page).to_have_title("It is" + " open" * opened)
        page.evaluate("unmount(); globalThis.unmount = mount(); null")
        expect(page.get_by_label("Your question")).to_have_count(0)
        expect(launcher).to_have_count(1)
    page.evaluate("unmount()")
    expect(launcher).to_have_count(0)
