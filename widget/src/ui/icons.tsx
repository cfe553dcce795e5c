import type { RefObject } from "preact";

/** Inline drawings, 20 units wide, in the colour of the text around them. */
const PATHS = {
  send: "M10 16V4m0 0L5 9m5-5 5 5",
  stop: "M6 6h8v8H6z",
  newChat:
    "M11 4H5.5A1.5 1.5 0 0 0 4 5.5v9A1.5 1.5 0 0 0 5.5 16h9a1.5 1.5 0 0 0 1.5-1.5V9M9 11l7-7",
  chats: "M10 5.5V10l3 2M3.8 8.2A6.5 6.5 0 1 1 3.6 11.3M3.5 4.5v3.7h3.7",
  back: "M16 10H4m0 0 5-5m-5 5 5 5",
  lock: "M5 9h10v7H5zM7 9V6.5a3 3 0 0 1 6 0V9",
  trash: "M4 6h12M8 6V4h4v2M5.5 6l.7 10h7.6l.7-10M8.5 9v4.5M11.5 9v4.5",
  close: "M5 5l10 10M15 5 5 15",
  add: "M10 5v10M5 10h10",
  down: "M10 4v12m0 0 5-5m-5 5-5-5",
  edit: "M4 16l.8-3.6L13 4.2a1.6 1.6 0 0 1 2.3 0l.5.5a1.6 1.6 0 0 1 0 2.3L7.6 15.2 4 16z",
  copy: "M7 7V4.5h8.5V13H13M4.5 7H13v8.5H4.5z",
  plain: "M4.5 5h11M4.5 8.5h11M4.5 12h11M4.5 15.5h6",
  done: "M4.5 10.5 8.5 14.5 15.5 6",
  again: "M15.5 7A6.3 6.3 0 1 0 16.3 11M15.5 3.5V7H12",
  like: "M7 9l3-5.5c1.3 0 2 .9 1.8 2.2L11.4 8H15c1 0 1.7.9 1.5 1.9l-.9 4.5c-.2.9-.9 1.6-1.9 1.6H7M7 9v7M7 9H4v7h3",
  dislike:
    "M13 11l-3 5.5c-1.3 0-2-.9-1.8-2.2L8.6 12H5c-1 0-1.7-.9-1.5-1.9l.9-4.5C4.6 4.7 5.3 4 6.3 4H13M13 11V4M13 11h3V4h-3",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

interface IconButtonProps {
  icon: IconName;
  label: string;
  onClick: () => void;
  class?: string;
  button?: RefObject<HTMLButtonElement | null>;
  isPressed?: boolean;
  isDisabled?: boolean;
}

/** A button that is a drawing, named for those who hear it and for those who point at it. */
export function IconButton(props: IconButtonProps) {
  return (
    <button
      {...(props.button && { ref: props.button })}
      type="button"
      class={`icon-button ${props.class ?? ""}`}
      aria-label={props.label}
      title={props.label}
      aria-pressed={props.isPressed}
      aria-disabled={props.isDisabled || undefined}
      onClick={() => props.isDisabled || props.onClick()}
    >
      <Icon name={props.icon} />
    </button>
  );
}
