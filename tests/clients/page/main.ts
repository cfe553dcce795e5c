/**
 * A page of somebody's site with the AI SDK's `useChat` and nothing else: it asks at the proxy named in its address,
 * with a session of its own by token, kept over a reload. Built by `tests/clients/usechat.py`.
 *
 *     /?proxy=http://127.0.0.1:8080&chat=c1
 */

import { useChat } from "@ai-sdk/react";
import { DefaultChatTransport, type UIMessage } from "ai7";
import { createElement as h, useState, type ReactElement } from "react";
import { createRoot } from "react-dom/client";

const query = new URLSearchParams(location.search);
const base = `${query.get("proxy") ?? ""}/v2`;
const id = query.get("chat") ?? "c1";

async function sessionToken(): Promise<string> {
  const kept = sessionStorage.getItem("token");
  if (kept) return kept;
  const made = await fetch(`${base}/identity/init`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ apiKey: "demo" }),
  });
  if (!made.ok) throw new Error(await made.text());
  const { sessionToken: token } = (await made.json()) as { sessionToken: string };
  sessionStorage.setItem("token", token);
  return token;
}

/** What was asked before a reload; the running answer itself comes from the proxy. */
function history(): UIMessage[] {
  const kept = JSON.parse(sessionStorage.getItem("asked") ?? "[]") as string[];
  return kept.map((text, number) => ({
    id: `u${number}`,
    role: "user",
    parts: [{ type: "text", text }],
  }));
}

function keep(text: string): void {
  const kept = JSON.parse(sessionStorage.getItem("asked") ?? "[]") as string[];
  sessionStorage.setItem("asked", JSON.stringify([...kept, text]));
}

function textOf({ parts }: UIMessage): string {
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}

function Chat({ token }: { token: string }): ReactElement {
  const headers = { Authorization: `Bearer ${token}` };
  const [transport] = useState(() => new DefaultChatTransport({ api: `${base}/chat`, headers }));
  const [text, setText] = useState("");
  const chat = useChat({ id, transport, messages: history(), resume: true });

  const send = (): void => {
    keep(text);
    setText("");
    void chat.sendMessage({ text });
  };
  const stop = (): void => {
    void chat.stop();
    void fetch(`${base}/chat/${id}/stop`, { method: "POST", headers });
  };
  const button = (name: string, onClick: () => void): ReactElement =>
    h("button", { key: name, onClick }, name);
  return h(
    "main",
    null,
    h("p", { role: "status" }, chat.status),
    h("p", { role: "alert" }, chat.error?.message ?? ""),
    chat.messages.map((message) =>
      h("p", { key: message.id, className: message.role }, textOf(message)),
    ),
    h("input", {
      "aria-label": "Question",
      value: text,
      onChange: (event: { target: { value: string } }) => setText(event.target.value),
    }),
    button("Send", send),
    button("Stop", stop),
    button("Regenerate", () => void chat.regenerate()),
  );
}

const root = createRoot(document.body.appendChild(document.createElement("div")));
root.render(h(Chat, { token: await sessionToken() }));
