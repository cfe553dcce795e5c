/**
 * The script a site owner pastes. It starts the launcher with the tag's own attributes and answers
 * `Asklight(command, …)`. A classic script, since `document.currentScript` is null in modules.
 */
import { Launcher } from "./launcher";

type Call = ["open" | "close" | "toggle"] | ["ask", string?];
type Asklight = ((...call: Call) => void) & { _q?: ArrayLike<unknown>[] };

const script = document.currentScript as HTMLScriptElement | null;
if (script && !document.querySelector("asklight-widget")) start(script);

function start({ src, dataset }: HTMLScriptElement): void {
  const launcher = new Launcher(new URL(src).origin, dataset);
  const command: Asklight = (name, question?: string) =>
    void launcher.show(name == "toggle" ? !launcher.isOpen : name != "close", question);
  // What the page called before this script was there waits in a queue.
  const queue = (window as { Asklight?: Asklight }).Asklight?._q ?? [];
  Object.assign(window, { Asklight: command });
  for (const call of queue) command(...(Array.from(call) as Call));
  if (dataset.open != null) void launcher.show(true, "", true);
}
