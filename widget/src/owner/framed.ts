/** The assistant's page in a frame on a page of its site: it reads that page through the one that frames it. */
import { signOut } from "../core/signed-out";
import type { PageReading } from "../core/types";
import { openChat } from "../panel";
import type { PanelHandle } from "../ui/mount";
import type { Theme } from "./api";
import { tellOf } from "./events";
import { CONNECT, isListed, READY, toFrameFrom, type ToFrame, type ToPage } from "./link";

/** A page that is busy for longer is asked about without what it shows. */
const READ_MS = 3_000;

/** Opens the chat and waits for the page around it, of one of the listed origins; who else speaks is not heard. */
export async function openFramed(container: HTMLElement): Promise<void> {
  const sources = container.dataset.origins?.split(" ") ?? [];
  let port: MessagePort | null = null;
  let theme: Theme = "auto";
  let last: PageReading = { url: null, title: null, content: null, selections: [] };
  let arrived: ((page: PageReading) => void) | null = null;
  let vouched: (token: string) => void = () => {};
  const say = (message: ToPage) => port?.postMessage(message);
  const read = () => {
    if (!port) return Promise.resolve(last);
    say({ type: "read" });
    return new Promise<PageReading>((resolve) => {
      arrived = resolve;
      setTimeout(resolve, READ_MS, last);
    });
  };
  const overrides = () => ({ theme });
  const tell = (panel: PanelHandle) =>
    tellOf(panel.chat, (name, detail) => say({ type: "event", name, detail } as ToPage));
  const whose = await openChat(container, { read }, { overrides }, tell);
  const vouch = () =>
    new Promise<string>((resolve) => {
      vouched = resolve;
      say({ type: "token" });
    });
  const identify = async (isKnown: boolean) => {
    await whose.become(isKnown ? () => vouch() : null);
    if (!isKnown) signOut(location.origin, container.dataset.site);
  };

  const hear = (message: ToFrame) => {
    if (message.type === "page") {
      last = message.page;
      if (arrived) arrived(last);
      else whose.panel.showPage(last);
      arrived = null;
    } else if (message.type === "theme") {
      theme = message.theme;
      whose.panel.restyle();
    } else if (message.type === "user") void identify(message.isKnown);
    else if (message.type === "token") vouched(message.token ?? "");
    else void whose.settled.then((panel) => speak(panel, message));
  };
  addEventListener("message", ({ source, origin, data, ports: [offered] }) => {
    if (source !== parent || data !== CONNECT || !offered || !isListed(origin, sources)) return;
    // A page that was drawn anew connects anew.
    port?.close();
    port = offered;
    port.onmessage = ({ data }) => {
      const message = toFrameFrom(data);
      if (message) hear(message);
    };
    void whose.panel.refresh();
  });
  // To whoever frames this page, which the content policy has checked; it says nothing but that.
  parent.postMessage(READY, "*");
}

type Spoken = Extract<ToFrame, { type: "left" | "ask" | "focus" }>;

function speak(panel: PanelHandle, message: Spoken): void {
  if (message.type === "left") panel.leavePage();
  else if (message.type === "focus") panel.focus();
  else if (message.isSent) void panel.ask(message.question);
  else panel.draft(message.question);
}
