/** A help page with the assistant in it, and a button of its own that asks. */
import "asklight/define";
import "asklight/react";
import type { AsklightElement } from "asklight";
import { StrictMode, useRef, useState } from "react";
import { createRoot } from "react-dom/client";

const PROXY = new URLSearchParams(location.search).get("proxy") ?? "http://127.0.0.1:8080";

function Help() {
  const assistant = useRef<AsklightElement>(null);
  const [answered, setAnswered] = useState<string[]>([]);
  return (
    <main>
      <h1>Returns</h1>
      <p>You can return an order within thirty days. The shop pays for the parcel.</p>
      <button onClick={() => assistant.current?.ask("Who pays for the parcel?", { send: true })}>
        Who pays for the parcel?
      </button>
      <asklight-widget
        ref={assistant}
        data-proxy={PROXY}
        data-site="demo"
        onanswer={({ detail }) => setAnswered((before) => [...before, detail.state])}
      />
      <p role="status">Answers: {answered.join(", ") || "none yet"}</p>
    </main>
  );
}

const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <Help />
    </StrictMode>,
  );
