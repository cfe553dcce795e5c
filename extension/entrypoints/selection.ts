import { readSelection } from "@asklight/widget";
import { defineUnlistedScript } from "wxt/utils/define-unlisted-script";

export default defineUnlistedScript(() => readSelection(document));
