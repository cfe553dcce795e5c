/** The look for a page of another language than English: with what the launcher says in it. */
import { run as name, type Named } from "./core/words/spoken";
import { run as dress, type Dressed } from "./look";

export function run(launcher: Dressed & Named): void {
  dress(launcher);
  name(launcher);
}
