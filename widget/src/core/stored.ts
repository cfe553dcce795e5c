/** A conversation as the server keeps it, made what the panel shows. */
import { EMPTY, type Conversation, type Entry } from "./conversation";
import type { PageContext, StoredConversation, StoredMessage } from "./types";

export function restored(stored: StoredConversation): Conversation {
  const { id, isOpen, messages, isHumanHandled, personName } = stored;
  return {
    ...EMPTY,
    // A closed conversation can be read; the next question starts another.
    id: isOpen ? id : null,
    entries: entriesOf(messages),
    person: isOpen && isHumanHandled ? { name: personName } : null,
  };
}

function entriesOf(messages: readonly StoredMessage[]): Entry[] {
  let questionId: string | null = null;
  return messages.map((message) => {
    if (message.role === "user") questionId = message.id;
    return entryOf(message, questionId);
  });
}

function entryOf(message: StoredMessage, questionId: string | null): Entry {
  const { id, text } = message;
  if (message.role === "user")
    return {
      kind: "question",
      id,
      text,
      context: storedContext(message),
      key: id,
      state: "sent",
      failure: null,
    };
  if (message.role === "human_agent") return { kind: "person", id, name: message.personName, text };
  return {
    kind: "answer",
    id,
    messageId: id,
    questionId,
    text,
    extras: message.extras,
    state: message.outcome ?? "complete",
    feedback: message.feedback,
  };
}

function storedContext(message: StoredMessage): PageContext | null {
  const context: PageContext = {};
  if (message.pageUrl) context.url = message.pageUrl;
  if (message.pageTitle) context.title = message.pageTitle;
  if (message.textSelection) context.textSelection = message.textSelection;
  return Object.keys(context).length > 0 ? context : null;
}
