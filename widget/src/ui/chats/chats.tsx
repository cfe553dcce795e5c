/** The visitor's chats: find one, go on with it, close it, delete it, or delete them all. Loaded when it is first opened. */
import { Component, createRef } from "preact";
import type { Chat } from "../../core/chat";
import {
  closeChat,
  deleteAllChats,
  deleteChat,
  findChats,
  listChats,
  PAGE_LENGTH,
  SEARCH_LENGTH,
  SEARCH_LIMIT,
  type ListedChat,
} from "../../core/chat-list";
import { count, type Language } from "../../core/words";
import { forChats } from "../../core/words/en-chats";
import { IconButton } from "../icons";
import { Below, DeleteAll } from "./below";
import { Confirm } from "./confirm";
import { ChatRow, nameOf } from "./row";
import { stepThrough } from "./rows";
import { styleChatsIn } from "./styles";

export interface ChatsProps {
  language: Language;
  chat: Chat;
  onBack: () => void;
  /** A chat was chosen. */
  onOpened: () => void;
}

interface ChatsState {
  chats: readonly ListedChat[];
  /** How many places of the list were fetched, and how many there are. */
  fetched: number;
  total: number;
  isErasing: boolean;
  search: string;
  phase: "loading" | "ready" | "failed";
  /** What the visitor is asked about: a chat's id, or all of them. */
  asked: string | null;
  /** What did not work. */
  trouble: "delete" | "close" | null;
  /** Said to those who hear the panel. */
  said: string;
}

/** Names no chat: ids are UUIDs. */
const ALL = "all";

const TITLE = ".chats-title";
const DELETE_ALL = ".chats-foot .grave";

export class Chats extends Component<ChatsProps, ChatsState> {
  override state: ChatsState = {
    chats: [],
    fetched: 0,
    total: 0,
    isErasing: false,
    search: "",
    phase: "loading",
    asked: null,
    trouble: null,
    said: "",
  };
  readonly #language = forChats(this.props.language);
  readonly #box = createRef<HTMLElement>();
  #isGone = false;
  /** The chat that was shown when this was last drawn. */
  #shown: string | null = null;

  override componentDidMount() {
    const box = this.#box.current;
    if (box) styleChatsIn(box.getRootNode());
    this.#focus(TITLE);
    void this.#bring(PAGE_LENGTH);
  }

  /** An answer that comes meanwhile changes nothing here. */
  override shouldComponentUpdate({ chat }: ChatsProps, state: ChatsState) {
    return state !== this.state || chat.state.id !== this.#shown;
  }

  /** A search is over all of them: those not fetched yet are fetched. */
  override componentDidUpdate() {
    const { search, phase, fetched, total } = this.state;
    if (search && phase === "ready" && fetched < Math.min(total, SEARCH_LIMIT))
      void this.#bring(SEARCH_LENGTH);
  }

  override componentWillUnmount() {
    this.#isGone = true;
  }

  async #bring(limit: number): Promise<void> {
    this.setState({ phase: "loading" });
    try {
      const page = await listChats(this.props.chat.client, this.state.fetched, limit);
      if (this.#isGone) return;
      this.setState(({ chats, fetched }) => ({
        // One that was used meanwhile has moved, and is there already.
        chats: [...chats, ...page.chats.filter(({ id }) => !chats.some((each) => each.id === id))],
        fetched: fetched + page.count,
        // Where nothing more comes there is nothing more.
        total: page.count > 0 ? page.total : fetched,
        isErasing: page.isErasing,
        phase: "ready",
      }));
    } catch {
      if (!this.#isGone) this.setState({ phase: "failed" });
    }
  }

  /** The button goes: the focus waits above it, and goes on to the first of what came, if anything did. */
  #more = async (shown: number): Promise<void> => {
    const here = shown > 0 ? `.chat-item:nth-child(${shown}) .chat-open` : TITLE;
    this.#focus(here);
    await this.#bring(PAGE_LENGTH);
    this.#focus(`.chat-item:nth-child(${shown + 1}) .chat-open`, `${here}:focus`);
  };

  #open = (id: string) => {
    void this.props.chat.open(id);
    this.props.onOpened();
  };

  #close = async (id: string): Promise<void> => {
    const { chat } = this.props;
    try {
      await closeChat(chat.client, id);
    } catch {
      return this.setState({ trouble: "close" });
    }
    chat.closed(id);
    this.setState(({ chats }) => ({
      chats: chats.map((each) => (each.id === id ? { ...each, isOpen: false } : each)),
      trouble: null,
      said: this.#language.words.chatWasClosed,
    }));
    this.#focus(`[data-chat="${id}"] .chat-open`);
  };

  #delete = async (id: string): Promise<void> => {
    const { chat } = this.props;
    this.#ask(null);
    this.setState({ trouble: null });
    const found = this.#found();
    const next = found[found.findIndex((each) => each.id === id) + 1];
    try {
      await deleteChat(chat.client, id);
    } catch {
      this.setState({ trouble: "delete" });
      return this.#focus(`[data-chat="${id}"] .delete`);
    }
    await chat.deleted(id).catch(() => {});
    this.setState(({ chats, total, fetched }) => ({
      chats: chats.filter((each) => each.id !== id),
      total: total - 1,
      fetched: fetched - 1,
      said: this.#language.words.chatWasDeleted,
    }));
    this.#focus(next ? `[data-chat="${next.id}"] .chat-open` : TITLE);
  };

  #deleteAll = async (): Promise<void> => {
    const { chat } = this.props;
    this.#ask(null);
    this.setState({ trouble: null });
    try {
      await deleteAllChats(chat.client);
      await chat.deletedAll().catch(() => {});
      this.setState({ chats: [], total: 0, fetched: 0, said: this.#language.words.allWereDeleted });
    } catch {
      // Some may be gone: what is left is asked for anew.
      this.setState({ trouble: "delete", chats: [], total: 0, fetched: 0 }, () => {
        void this.#bring(PAGE_LENGTH);
      });
    }
    this.#focus(TITLE);
  };

  #ask = (asked: string | null) => {
    const before = this.state.asked;
    this.setState({ asked });
    if (asked === null)
      this.#focus(before === ALL ? DELETE_ALL : `[data-chat="${before}"] .delete`);
  };

  /** Focuses once it is drawn; with `only`, where there is such an element then. */
  #focus(selector: string, only = selector): void {
    this.setState({}, () => {
      const find = (what: string) => this.#box.current?.querySelector<HTMLElement>(what);
      if (find(only)) find(selector)?.focus();
    });
  }

  #found(): ListedChat[] {
    const { state } = this.props.chat;
    const shown = state.entries.map((entry) => ("text" in entry ? entry.text : "")).join(" ");
    return findChats(this.state.chats, this.state.search, (id) => (id === state.id ? shown : ""));
  }

  /** Escape ends the topmost thing; up and down go through the list. */
  #keyed = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key !== "Escape") return stepThrough(this.#box.current, event);
    event.stopPropagation();
    if (this.state.asked === null) this.props.onBack();
    else this.#ask(null);
  };

  override render({ chat, onBack }: ChatsProps) {
    const language = this.#language;
    const { words } = language;
    const { search, phase, fetched, total, asked, said, trouble } = this.state;
    const found = this.#found();
    this.#shown = chat.state.id;
    return (
      <section ref={this.#box} class="chats" aria-label={words.chats} onKeyDown={this.#keyed}>
        <div class="chats-head">
          <IconButton class="back" icon="back" label={words.back} onClick={onBack} />
          <h3 class="chats-title" tabIndex={-1}>
            {words.chats}
          </h3>
        </div>
        {chat.client.isVouched && <p class="notice chats-whose">{words.signedIn}</p>}
        <div class="chats-search" role="search">
          <input
            type="search"
            aria-label={words.searchChats}
            placeholder={words.searchChats}
            value={search}
            onInput={(event) => this.setState({ search: event.currentTarget.value })}
          />
        </div>
        <p class="unseen" role="status">
          {search ? count(language, words.chatsFound, found.length) : said}
        </p>
        <div class="chats-body">
          {trouble && (
            <p class="trouble" role="alert">
              {trouble === "delete" ? words.notDeleted : words.notClosed}
            </p>
          )}
          {found.length > 0 && <ul class="chats-list">{found.map((each) => this.#row(each))}</ul>}
          <Below
            words={words}
            phase={phase}
            isMore={fetched < total}
            isSearch={search !== ""}
            shown={found.length}
            onMore={() => void this.#more(found.length)}
          />
        </div>
        {total > 0 && (
          <DeleteAll
            words={words}
            consequence={this.#consequence}
            isAsked={asked === ALL}
            onAsk={(isAsked) => this.#ask(isAsked ? ALL : null)}
            onConfirm={() => void this.#deleteAll()}
          />
        )}
      </section>
    );
  }

  #row(listed: ListedChat) {
    const language = this.#language;
    const { words } = language;
    return (
      <li key={listed.id} class="chat-item" data-chat={listed.id}>
        {this.state.asked === listed.id ? (
          <Confirm
            words={words}
            question={`${words.deleteSure} ${this.#consequence}`}
            about={nameOf(listed, words)}
            step={words.deleteChat}
            onConfirm={() => void this.#delete(listed.id)}
            onCancel={() => this.#ask(null)}
          />
        ) : (
          <ChatRow
            language={language}
            listed={listed}
            isShown={listed.id === this.#shown}
            onOpen={() => this.#open(listed.id)}
            onClose={() => void this.#close(listed.id)}
            onDelete={() => this.#ask(listed.id)}
          />
        )}
      </li>
    );
  }

  /** What deleting does here; nobody is promised more. */
  get #consequence(): string {
    const { words } = this.#language;
    return this.state.isErasing ? words.erases : words.takesOut;
  }
}
