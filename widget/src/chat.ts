/** The proxy's own `/chat` page: the panel over the whole of it, with no page to read. */
import { openChat } from "./panel";

const container = document.getElementById("chat");
if (container) openChat(container, container.dataset.site ?? "demo");
