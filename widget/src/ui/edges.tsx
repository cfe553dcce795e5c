/** Lines between the conversation and the question: what is so just now, while it is so. */
import { Component } from "preact";
import type { Chat } from "../core/chat";
import { fill, type Words } from "../core/words";

interface EdgesProps {
  words: Words;
  chat: Chat;
}

export class Edges extends Component<EdgesProps> {
  readonly #life = new AbortController();

  override componentDidMount() {
    const { signal } = this.#life;
    for (const type of ["online", "offline"])
      addEventListener(type, () => this.forceUpdate(), { signal });
  }

  override componentWillUnmount() {
    this.#life.abort();
  }

  override render({ words, chat }: EdgesProps) {
    const { person, isReconnecting } = chat.state;
    const lines = [
      isReconnecting && words.reconnecting,
      !navigator.onLine && !isReconnecting && words.offlineNow,
      person && (person.name ? fill(words.personHere, { name: person.name }) : words.somebodyHere),
      chat.kept === "no-cookie" && words.notKept,
      chat.kept === "no-storage" && words.notStored,
    ].filter((line) => typeof line === "string");
    // One region that stays: what comes into it is read out.
    return (
      <div role="status" class="edges">
        {lines.map((line) => (
          <p key={line} class="notice">
            {line}
          </p>
        ))}
      </div>
    );
  }
}
