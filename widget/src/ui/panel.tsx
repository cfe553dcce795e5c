import { Component, createRef, type RefObject } from "preact";
import type { Attachments } from "../core/attachments";
import type { Chat } from "../core/chat";
import { questionOf } from "../core/conversation";
import { suggestQuestions } from "../core/suggestions";
import type { PartName } from "../core/payload";
import type { Look } from "../core/types";
import type { Language } from "../core/words";
import type { Announcer } from "./announcer";
import { Bar } from "./bar";
import { ChatsDoor } from "./chats-door";
import { Chips } from "./chips";
import { Composer } from "./composer";
import { Edges } from "./edges";
import { Empty } from "./empty";
import { EntryView } from "./entries";
import { oncePerFrame } from "./frames";
import { Log } from "./log";
import { loadDrawing } from "./markdown/load";
import type { Passages } from "./passages";
import { Terms } from "./terms";

/** Whether the visitor switched "Ask about this" off at selections, and the way back. */
export interface Offer {
  isOff: () => boolean;
  turnOn: () => void;
}

export interface PanelProps {
  /** Set to the panel once it is there: Preact gives components no refs. */
  self: RefObject<Panel | null>;
  language: Language;
  chat: Chat;
  attachments: Attachments;
  announcer: Announcer;
  look: Look;
  offer: Offer | undefined;
  /** Resolves when all that is on its way to the chips is there, or is waited for no longer; null: it is there. */
  ready: () => Promise<unknown> | null;
  /** The visitor turns to the question. */
  onReadPage: () => void;
  /** The visitor wants the page they have come to. */
  onTakePage: () => void;
  /** Absent where the panel does not stand on the page it reads. */
  passages: Passages | undefined;
  onClose: (() => void) | undefined;
}

interface PanelState {
  draft: string;
  isEditing: boolean;
  /** The list of chats stands where the chat did. */
  isListing: boolean;
}

/** The whole panel: draws the conversation, the attachments and the draft whenever one changes. */
export class Panel extends Component<PanelProps, PanelState> {
  override state: PanelState = { draft: "", isEditing: false, isListing: false };
  readonly #field = createRef<HTMLTextAreaElement>();
  readonly #bar = createRef<HTMLButtonElement>();
  readonly #frame = oncePerFrame(() => this.forceUpdate());
  #unsubscribe: (() => void)[] = [];
  /** How often something was asked here: each time, what was opened to look at what goes is closed. */
  #asked = 0;
  /** Asked, and waiting for what goes along. */
  #waiting = "";

  override componentDidMount() {
    const { chat, attachments, self } = this.props;
    self.current = this;
    this.#unsubscribe = [chat, attachments].map((source) => source.subscribe(this.#frame.request));
    this.#frame.request();
    void chat.draft().then((kept) => this.setState(({ draft }) => ({ draft: draft || kept })));
  }

  override componentDidUpdate() {
    const { chat, announcer } = this.props;
    // An answer is coming, or is there already.
    if (chat.state.entries.length > 0) void loadDrawing();
    const answers = chat.state.entries.filter((entry) => entry.kind === "answer");
    announcer.follow(answers.at(-1) ?? null);
  }

  override componentWillUnmount() {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#frame.cancel();
  }

  /** Turns to the question, from the list of chats too. */
  focus(): void {
    const focus = () => this.#field.current?.focus();
    if (this.state.isListing) this.setState({ isListing: false }, focus);
    else focus();
  }

  /** Shows the list of chats, or goes back to where it was opened from. */
  #list = (isListing: boolean) => {
    this.setState({ isListing }, () => isListing || this.#bar.current?.focus());
  };

  /** Asks at once where nothing is under way; else the question waits in the composer. */
  ask = (question: string) => {
    const { draft } = this.state;
    if (this.props.chat.state.activity === "idle") this.#send(question, draft);
    else this.setDraft(before(question, draft));
  };

  /** What has been typed and has not gone. */
  get typed(): string {
    return before(this.#waiting, this.state.draft);
  }

  setDraft = (draft: string) => {
    this.setState({ draft });
    void this.props.chat.keepDraft(before(this.#waiting, draft));
  };

  /** `draft`: what stays in the composer. */
  #send(question: string, draft = ""): void {
    const { chat, attachments, ready } = this.props;
    const coming = ready() ?? (attachments.isRead ? null : Promise.resolve());
    if (coming) this.#waiting = question;
    this.setDraft(draft);
    this.#asked += 1;
    this.setState({ isEditing: false });
    const asking = coming
      ? chat.askWhen(coming, question, this.#gather)
      : chat.ask(question, this.#gather().context);
    void asking.then((isTaken) => isTaken || this.#giveBack(question));
  }

  /** What goes along with a question that is asked now. */
  #gather = () => {
    const { attachments, ready } = this.props;
    const { context, isRead } = attachments;
    this.#waiting = "";
    attachments.markSent();
    return { context, isEarly: !isRead || ready() !== null };
  };

  /** Puts a question before what was typed since. */
  #giveBack(question: string): void {
    if (this.#waiting === question) this.#waiting = "";
    this.setDraft(before(question, this.state.draft));
  }

  /**
   * Takes a question into the composer. One that was not accepted is taken back; one that
   * was stays where it is, since the service keeps what was said, and is asked anew.
   */
  #edit = (questionId: string) => {
    const { chat } = this.props;
    const withdrawn = chat.withdraw(questionId);
    const question = withdrawn ?? questionOf(chat.state, questionId)?.text;
    if (question === undefined) return;
    this.#giveBack(question);
    this.setState({ isEditing: withdrawn === null });
    this.focus();
  };

  #cancelEdit = () => {
    this.setDraft("");
    this.setState({ isEditing: false });
    this.focus();
  };

  /** The button goes with its notice: the focus goes on to the question. */
  #takePage = () => {
    this.props.onTakePage();
    this.focus();
  };

  #switchAskOn = () => {
    this.props.offer?.turnOn();
    this.forceUpdate();
    this.focus();
  };

  #startAnew = () => {
    void this.props.chat.clear();
    this.focus();
  };

  override render() {
    const { language, chat, look } = this.props;
    const { words } = language;
    const { entries } = chat.state;
    const { isListing } = this.state;
    return (
      <>
        <Bar
          words={words}
          title={look.displayName ?? words.assistant}
          isEmpty={entries.length === 0}
          isListing={isListing}
          listButton={this.#bar}
          onList={() => this.#list(!isListing)}
          onNew={this.#startAnew}
          onClose={this.props.onClose}
        />
        <div class="stage">
          {/* It stays where it is, and as it is, behind the list. */}
          <div class="stage-chat" inert={isListing}>
            {this.#chat()}
          </div>
          {isListing && (
            <ChatsDoor
              language={language}
              chat={chat}
              onBack={() => this.#list(false)}
              onOpened={() => this.focus()}
            />
          )}
        </div>
      </>
    );
  }

  #chat() {
    const { language, chat, attachments, look } = this.props;
    const { words } = language;
    const { entries, activity } = chat.state;
    const questions = entries.filter((entry) => entry.kind === "question");
    const questionCount = questions.length;
    const written = entries.filter((entry) => entry.kind === "answer" || entry.kind === "person");
    return (
      <>
        <Log
          words={words}
          questionCount={questionCount}
          answerCount={written.length}
          writtenLength={written.reduce((sum, { text }) => sum + text.length, 0)}
        >
          {entries.length === 0 && activity !== "loading" && this.#invitation()}
          {entries.map((entry, index) => (
            <EntryView
              key={entry.id}
              language={language}
              entry={entry}
              chat={chat}
              isIdle={activity === "idle"}
              isLast={index === entries.length - 1}
              passages={this.props.passages}
              onEdit={this.#edit}
            />
          ))}
          {activity === "sending" && <span class="writing waiting" />}
          {activity === "loading" && <p class="notice">{words.loading}</p>}
        </Log>
        <Edges words={words} chat={chat} />
        <Chips
          key={this.#asked}
          language={language}
          attachments={attachments}
          onTakePage={this.#takePage}
        />
        {this.props.offer?.isOff() && (
          <p class="notice ask-off">
            {words.askIsOffHere}
            <button type="button" class="plain-button" onClick={this.#switchAskOn}>
              {words.askOn}
            </button>
          </p>
        )}
        <Composer
          language={language}
          draft={this.state.draft}
          placeholder={look.inputPlaceholder ?? words.placeholder}
          isBusy={activity !== "idle" && activity !== "loading"}
          isStopping={activity === "stopping"}
          lastQuestion={questions.at(-1)?.text ?? ""}
          isEditing={this.state.isEditing}
          field={this.#field}
          onDraft={this.setDraft}
          onSend={() => this.#send(this.state.draft.trim())}
          onStop={() => chat.stop()}
          onCancelEdit={this.#cancelEdit}
          onFocus={this.props.onReadPage}
        />
        {(look.retentionNotice || look.privacyUrl) && <Terms words={words} look={look} />}
      </>
    );
  }

  /** What an empty panel says, and the questions it offers. */
  #invitation() {
    const { language, look, attachments } = this.props;
    const { words } = language;
    const { parts, headings, isLeft, isRead } = attachments;
    const has = (wanted: PartName) =>
      parts.some(({ name, isIncluded }) => isIncluded && name === wanted);
    const subject = has("selection") ? "selection" : has("page") ? "page" : "nothing";
    const without = isRead ? words.welcomeNoPage : "";
    const usual = {
      selection: words.welcomeSelection,
      page: words.welcome,
      nothing: parts.length > 0 || isLeft ? words.welcomeNothing : without,
    };
    return (
      <Empty
        words={words}
        welcome={look.welcomeMessage ?? usual[subject]}
        suggestions={suggestQuestions(subject, headings, words)}
        onAsk={this.ask}
      />
    );
  }
}

function before(question: string, draft: string): string {
  return question && draft && draft !== question ? `${question}\n${draft}` : question || draft;
}
