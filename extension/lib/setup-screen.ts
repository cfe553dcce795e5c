/** What the panel shows before it may reach a proxy. */

export type SetupReason = "first-run" | "not-allowed";

const WORDS: Record<SetupReason, { title: string; text: string }> = {
  "first-run": {
    title: "Set up Asklight",
    text: "Asklight asks a proxy of your choice. Tell it the address once. Nothing is contacted before you do.",
  },
  "not-allowed": {
    title: "Allow Asklight to ask",
    text: "Asklight may not reach your proxy any more. Your settings are kept. Save them again to allow it.",
  },
};

/** Fills a container with the reason and the way to the settings. */
export function showSetup(
  container: HTMLElement,
  reason: SetupReason,
  openSettings: () => void,
): void {
  const { title, text } = WORDS[reason];
  const document = container.ownerDocument;
  const screen = document.createElement("section");
  screen.className = "setup";
  const icon = document.createElement("img");
  icon.src = "/icon/128.png";
  icon.alt = "";
  const heading = document.createElement("h2");
  heading.textContent = title;
  const words = document.createElement("p");
  words.textContent = text;
  const button = document.createElement("button");
  button.textContent = "Open settings";
  button.addEventListener("click", openSettings);
  screen.append(icon, heading, words, button);
  container.replaceChildren(screen);
}
