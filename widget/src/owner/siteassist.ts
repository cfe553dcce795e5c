/**
 * Pages that were made for SiteAssist's own script: `SiteAssist("init", {…})` and the other calls of
 * that script go on as they are when its address is swapped for this one's. What only that script
 * had is passed over, and the console says so.
 */
import { themeFrom } from "./arguments";

type Call = ArrayLike<unknown>;
type Command = ((...call: unknown[]) => void) & { _q?: Call[] };
type Page = { SiteAssist?: Command; Asklight?: Command };

/** Where their script and their service are: here both are where this script came from. */
const PASSED_OVER = ["widgetUrl", "apiUrl"];

const SAME = ["open", "close", "toggle"];

/** What answers on this page, once it does: the script may be there twice. */
let answering: Command | undefined;

/** Starts the widget at `init`; what was called before waits for it. */
export function takeOver(launch: (data: DOMStringMap) => void): void {
  const page = window as Page;
  if (answering && page.SiteAssist === answering) return;
  const waiting: unknown[][] = [];
  let isStarted = false;
  const command: Command = (...call) => {
    const [name, options] = call;
    if (!isStarted && name === "init") {
      const data = dataFrom(options);
      if (!data) return console.error('SiteAssist("init", …) needs { apiKey }.');
      isStarted = true;
      launch(data);
      for (const earlier of waiting.splice(0)) command(...earlier);
    } else if (!isStarted) waiting.push(call);
    else pass(page.Asklight, name, options);
  };
  const queue = page.SiteAssist?._q ?? [];
  page.SiteAssist = answering = command;
  for (const call of queue) command(...Array.from(call));
}

/** The data attributes that mean what was asked of `init`, or null where it does not say for which site. */
function dataFrom(options: unknown): DOMStringMap | null {
  const given = (options ?? {}) as Record<string, unknown>;
  const { apiKey, type, theme, appContainerSelector, ...others } = given;
  if (typeof apiKey !== "string" || !apiKey) return null;
  const more = Object.keys(others).filter((name) => !PASSED_OVER.includes(name));
  if (more.length > 0)
    console.warn(`Asklight: SiteAssist's ${more.join(", ")} means nothing here.`);
  const container = typeof appContainerSelector === "string" ? appContainerSelector : "";
  return {
    site: apiKey,
    ...(themeFrom(theme) && { theme: themeFrom(theme) }),
    ...(type === "sidepanel" && { mode: "side" }),
    ...(container && { container }),
  };
}

function pass(asklight: Command | undefined, name: unknown, given: unknown): void {
  if (typeof name === "string" && SAME.includes(name)) asklight?.(name);
  else if (name === "changeTheme") asklight?.("theme", given);
  else if (name === "init") console.warn('Asklight: SiteAssist("init") was called before.');
  // A name or a number that anybody can write into the page proves nobody: a signed token does.
  else console.warn(`Asklight: SiteAssist(${JSON.stringify(name)}) means nothing here.`);
}
