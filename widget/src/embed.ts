/**
 * The script a site owner pastes. It starts the launcher with the tag's own attributes and answers
 * `Asklight(command, …)`; what the commands do is loaded with the first of them. A classic script,
 * since `document.currentScript` is null in modules.
 */
import { createLauncher } from "./launcher";
import type { takeOver } from "./owner/commands";

/** Put in by the build, as in the launcher. */
declare const COMMANDS: string;

type Asklight = ((...call: unknown[]) => void) & { _q?: Iterable<unknown>[] };

type Compatible = { takeOver: typeof takeOver };

const page = window as { Asklight?: Asklight; SiteAssist?: Asklight };
const { currentScript } = document;
// A page's own text may hold an image of that name; a module has none.
const script =
  currentScript instanceof HTMLScriptElement
    ? currentScript
    : document.querySelector<HTMLScriptElement>("script[data-site][src*=embed]");
if (script) {
  const { src, dataset } = script;
  const proxy = new URL(src).origin;
  const launch = (data: DOMStringMap) => {
    const launcher = createLauncher(proxy, data);
    // What the page called before this script was there waits in a queue.
    const queue = page.Asklight?._q ?? [];
    page.Asklight = launcher.run;
    for (const call of queue) launcher.run(...call);
    if (data.open != null) void launcher.show(true, true);
  };
  // What is said to SiteAssist's script on this page is meant for this one.
  if (page.SiteAssist && !dataset.site)
    void (import(/* @vite-ignore */ `${proxy}/${COMMANDS}`) as Promise<Compatible>).then((module) =>
      module.takeOver(launch),
    );
  // Once for a site; another site's stands beside it.
  else if (!document.querySelector(`[slot="${proxy + (dataset.site ??= "demo")}"]`))
    launch(dataset);
}
