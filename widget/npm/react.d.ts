/** `<asklight-widget>` in JSX, for React 19: `import "asklight/react"`. */
import type { DetailedHTMLProps, HTMLAttributes } from "react";
import type { AsklightElement, AsklightEvents } from "asklight";

type Heard = "question" | "answer" | "failure" | "person" | "feedback";

type Handlers = {
  [Name in Heard as `on${Name}`]?: (event: CustomEvent<AsklightEvents[Name]>) => void;
};

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "asklight-widget": DetailedHTMLProps<HTMLAttributes<AsklightElement>, AsklightElement> &
        Handlers & { "data-site": string; "data-proxy": string };
    }
  }
}
