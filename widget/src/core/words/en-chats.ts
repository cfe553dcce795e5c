/** What the list of chats says, in English: it comes with the list, and the panel opens sooner without it. */
import type { AllWords, Language } from ".";

export const enChats = {
  signedIn: "You are signed in on this site. Your chats are here on all your devices.",
  searchChats: "Search your chats",
  chatsFound: { one: "{n} chat found", other: "{n} chats found" },
  noChatsFound: "No chat has these words.",
  noChats: "You have no chats here yet.",
  moreChats: "Show more",
  untitled: "Chat without a title",
  isClosed: "Closed",
  isWithPerson: "With a person",
  closeNamed: "Close the chat “{chat}”",
  deleteNamed: "Delete the chat “{chat}”",
  deleteSure: "Delete this chat?",
  deleteAllSure: "Delete every chat you had here?",
  erases: "What was said is erased for good.",
  takesOut:
    "Your list forgets it for good. The service that answered keeps its copy, which cannot be deleted from here.",
  deleteChat: "Delete",
  deleteAll: "Delete everything of mine",
  keep: "Keep",
  chatWasClosed: "The chat is closed. You can still read it.",
  chatWasDeleted: "The chat is deleted.",
  allWereDeleted: "All your chats are deleted.",
  notDeleted: "Not everything could be deleted. What is listed is still there. Try again.",
  notClosed: "The chat could not be closed. Try again.",
};

export interface ChatsLanguage extends Language {
  words: AllWords;
}

/** A language with what the list says: the others have it with the rest. */
export function forChats({ tag, words }: Language): ChatsLanguage {
  return { tag, words: { ...enChats, ...words } };
}
