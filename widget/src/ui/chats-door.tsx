/** Where the list of chats stands: it is loaded here, and where it cannot be, that is said. */
import { Component, type ComponentType } from "preact";
import type { ChatsProps } from "./chats/chats";
import { IconButton } from "./icons";

interface DoorState {
  Chats: ComponentType<ChatsProps> | null;
  isFailed: boolean;
}

export class ChatsDoor extends Component<ChatsProps, DoorState> {
  override state: DoorState = { Chats: null, isFailed: false };

  override componentDidMount() {
    void this.#load();
  }

  #load = async (): Promise<void> => {
    this.setState({ isFailed: false });
    try {
      const { Chats } = await import("./chats/chats");
      this.setState({ Chats });
    } catch (error) {
      console.warn("Asklight: the list of chats did not load", error);
      this.setState({ isFailed: true });
    }
  };

  #keyed = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    this.props.onBack();
  };

  override render(props: ChatsProps) {
    const { words } = props.language;
    const { Chats, isFailed } = this.state;
    if (Chats) return <Chats {...props} />;
    return (
      <div class="log" onKeyDown={this.#keyed}>
        <IconButton icon="back" label={words.back} onClick={props.onBack} />
        <p class="notice" role="status">
          {isFailed ? words.chatsUnreachable : words.chatsLoading}
        </p>
        {isFailed && (
          <div class="trouble">
            <button type="button" onClick={() => void this.#load()}>
              {words.tryAgain}
            </button>
          </div>
        )}
      </div>
    );
  }
}
