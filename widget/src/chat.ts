/** The proxy's own `/chat` page: the panel over the whole of it. In a frame it is told what the page around it shows. */
import { openChat } from "./panel";

const container = document.getElementById("chat");
if (container && parent === window) void openChat(container).then(({ panel }) => panel.focus());
else if (container) void import("./owner/framed").then(({ openFramed }) => openFramed(container));
