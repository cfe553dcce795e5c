import * as browser from "../../lib/browser";
import { startOptions } from "../../lib/options-page";

void startOptions(document, browser);
