import { Component } from "preact";
import type { Words } from "../core/words";
import { copyText } from "./clipboard";
import { IconButton, type IconName } from "./icons";

/** How long the button says that it worked. */
const COPIED_MS = 2_000;

interface CopyButtonProps {
  icon: IconName;
  label: string;
  words: Words;
  /** What is copied, made when it is asked for. */
  text: () => string;
}

export class CopyButton extends Component<CopyButtonProps, { isCopied: boolean }> {
  override state = { isCopied: false };
  #timer: ReturnType<typeof setTimeout> | undefined;

  async #copy(): Promise<void> {
    if (!(await copyText(this.props.text()))) return;
    this.setState({ isCopied: true });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.setState({ isCopied: false }), COPIED_MS);
  }

  override componentWillUnmount() {
    clearTimeout(this.#timer);
  }

  override render() {
    const { icon, label, words } = this.props;
    const { isCopied } = this.state;
    return (
      <IconButton
        icon={isCopied ? "done" : icon}
        label={isCopied ? words.copied : label}
        onClick={() => void this.#copy()}
      />
    );
  }
}
