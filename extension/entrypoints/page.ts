import { defineUnlistedScript } from "wxt/utils/define-unlisted-script";
import { gatherPage } from "../lib/gather";

export default defineUnlistedScript(() => gatherPage(document));
