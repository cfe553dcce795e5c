import * as browser from "../../lib/browser";
import { startPanel } from "../../lib/panel-page";

const container = document.getElementById("panel");
if (container) startPanel(container, browser);
