/** German. */
import type { Translation } from "./index";

export const words: Translation = {
  direction: "ltr",
  assistant: "Assistent",
  newChat: "Neuer Chat",
  close: "Schließen",
  conversation: "Unterhaltung",
  you: "Deine Frage",
  answer: "Antwort",

  welcome: "Frag etwas zu dieser Seite. Markierst du vorher eine Stelle, geht nur sie mit.",
  welcomeNoPage:
    "Frag, was du willst. Hier wird keine Seite gelesen, nur deine Frage wird gesendet.",
  welcomeNothing: "Frag, was du willst. Von dieser Seite wird nichts gesendet.",
  suggestions: "Fragen für den Anfang",
  suggestSummary: "Was sind die wichtigsten Punkte dieser Seite?",
  suggestHeading: "Was steht auf dieser Seite zu „{heading}“?",
  welcomeSelection: "Frag etwas zu der markierten Stelle.",
  suggestExplain: "Erkläre diese Stelle in einfacheren Worten.",
  suggestShorten: "Fasse diese Stelle in wenigen Sätzen zusammen.",
  suggestTranslate: "Übersetze diese Stelle. Zielsprache: {language}.",
  suggestMatter: "Warum ist das wichtig?",
  explain: "Erklären",
  summarise: "Zusammenfassen",
  translate: "Übersetzen",
  askAbout: "Zur Auswahl fragen",
  askOff: "Auf dieser Website nicht mehr anbieten",
  askIsOff: "Wird auf dieser Website nicht mehr angeboten. Rückgängig",
  askIsOffHere: "„Dazu fragen“ ist auf dieser Website ausgeschaltet.",
  askOn: "Einschalten",

  whatIsSent: "Was gesendet wird",
  nothingSent: "Nur deine Frage wird gesendet.",
  address: "Adresse",
  title: "Titel",
  page: "Seitentext",
  paragraph: "Absatz",
  selection: "Auswahl",
  receipt: "Gesendet",
  receiptNone: "Ohne die Seite gesendet",
  receiptKept: "Das wird mit deinem Chat gespeichert. Der Text der Seite wird nicht gespeichert.",
  receiptEarly: "Das wurde gesendet, bevor die Seite gelesen war.",
  characters: {
    one: "{n} Zeichen",
    other: "{n} Zeichen",
  },
  cut: {
    one: "{n} Zeichen über der Grenze wird weggelassen",
    other: "{n} Zeichen über der Grenze werden weggelassen",
  },
  cutHere: "Hier ist die Grenze erreicht. Ab hier wird der Text weggelassen:",
  hidden: {
    one: "{n} verborgenes Zeichen der Seite wird weggelassen",
    other: "{n} verborgene Zeichen der Seite werden weggelassen",
  },
  masked: {
    one: "{n} mögliches Geheimnis ist unkenntlich gemacht",
    other: "{n} mögliche Geheimnisse sind unkenntlich gemacht",
  },
  chipMasked: "unkenntlich gemacht",
  chipCut: "gekürzt",
  secretCard: "Kartennummer",
  secretAccount: "Kontonummer",
  secretPrivateKey: "Privater Schlüssel",
  secretAccessKey: "Zugangsschlüssel",
  secretPassword: "Passwort oder Schlüssel in einer Adresse",
  unmask: "Unverändert senden",
  mask: "Wieder unkenntlich machen",
  show: "Zeigen, was gesendet wird:",
  remove: "Weglassen: {part}",
  add: "Wieder mitsenden: {part}",
  addPage: "Die ganze Seite mitsenden",
  pageChanged: "Das ist jetzt eine andere Seite. Von ihr ist nichts angehängt.",
  takePage: "Diese Seite anhängen",

  placeholder: "Stell eine Frage",
  question: "Deine Frage",
  send: "Senden",
  stop: "Anhalten",
  tooLong: {
    one: "{n} Zeichen zu viel",
    other: "{n} Zeichen zu viel",
  },
  roomLeft: {
    one: "Noch {n} Zeichen",
    other: "Noch {n} Zeichen",
  },
  editing:
    "Deine frühere Frage und die Antwort darauf bleiben stehen. Dies wird eine neue Nachricht.",
  editAsked: "Ändern und noch einmal fragen",
  cancel: "Abbrechen",
  privacy: "Datenschutz",
  notStored:
    "Dieser Browser speichert für diese Website nichts. Beim Neuladen der Seite beginnt ein neuer Chat.",
  notKept:
    "Dieser Browser behält hier keine Cookies. Der Chat endet, wenn die Seite neu geladen wird.",

  copy: "Kopieren",
  copied: "Kopiert",
  copyPlain: "Als reinen Text kopieren",
  copyCode: "Code kopieren",
  reasoning: "Gedankengang",
  thinking: "Denkt nach",
  like: "Gute Antwort",
  dislike: "Schlechte Antwort",
  askAgain: "Noch einmal fragen",
  tryAgain: "Noch einmal versuchen",
  edit: "Bearbeiten",
  sources: "Quellen",
  source: "Quelle {n}: {label}",
  newText: "Neuer Text weiter unten",
  newAnswer: "Neue Antwort",
  codeSpoken: "Ein Codeblock.",
  codeSpokenIn: "Ein Codeblock in {language}.",
  passageShown: "Die Stelle ist auf der Seite markiert.",
  toEnd: "Zum Ende",
  answering: "Die Antwort kommt.",
  answered: "Die Antwort ist vollständig.",
  loading: "Dein Chat wird geladen",

  stopped: "Du hast diese Antwort angehalten. Was bis dahin kam, bleibt erhalten.",
  failed:
    "Der Assistent konnte die Antwort nicht beenden. Was bisher kam, bleibt erhalten. Fragst du noch einmal, geht eine neue Nachricht ab.",
  cutOff:
    "Die Verbindung ist abgebrochen. Was bisher kam, bleibt erhalten. Fragst du noch einmal, geht eine neue Nachricht ab.",
  reconnecting:
    "Die Verbindung ist abgebrochen. Was bisher kam, bleibt erhalten. Sie wird wiederhergestellt.",
  personTookOver: "Ein Mensch hat übernommen. Die Antwort erscheint in diesem Chat.",
  personHere: "Du schreibst mit {name}, einem Menschen.",
  somebodyHere: "Du schreibst mit einem Menschen. Der Assistent hält sich solange zurück.",
  person: "Ein Mensch",
  chatLost: "Dein früherer Chat ist nicht mehr da. Dieser beginnt von vorn.",
  beganAnew:
    "Du warst eine Weile weg. Der Assistent weiß nicht mehr, was oben steht: Dies ist ein neuer Chat.",
  chatClosed:
    "Dieser Chat ist geschlossen. Du kannst ihn lesen, deine nächste Frage beginnt einen neuen.",
  chatUnreachable: "Dein früherer Chat konnte nicht geladen werden. Du kannst weiterfragen.",

  chats: "Deine Chats",
  back: "Zurück zum Chat",
  signedIn:
    "Du bist auf dieser Website angemeldet. Deine Chats sind auf allen deinen Geräten hier.",
  searchChats: "Deine Chats durchsuchen",
  chatsFound: {
    one: "{n} Chat gefunden",
    other: "{n} Chats gefunden",
  },
  noChatsFound: "Kein Chat enthält diese Wörter.",
  noChats: "Du hast hier noch keine Chats.",
  chatsLoading: "Deine Chats werden geladen",
  chatsUnreachable:
    "Deine Chats konnten nicht geladen werden. Sie bleiben erhalten. Versuch es noch einmal.",
  moreChats: "Mehr anzeigen",
  untitled: "Chat ohne Titel",
  isClosed: "Geschlossen",
  isWithPerson: "Mit einem Menschen",
  closeNamed: "Chat „{chat}“ schließen",
  deleteNamed: "Chat „{chat}“ löschen",
  deleteSure: "Diesen Chat löschen?",
  deleteAllSure: "Alle deine Chats von hier löschen?",
  erases: "Was gesagt wurde, wird für immer gelöscht.",
  takesOut:
    "Aus deiner Liste verschwindet das für immer. Der Dienst, der geantwortet hat, behält seine Kopie. Sie kann von hier aus nicht gelöscht werden.",
  deleteChat: "Löschen",
  deleteAll: "Alles von mir löschen",
  keep: "Behalten",
  chatWasClosed: "Der Chat ist geschlossen. Du kannst ihn weiterhin lesen.",
  chatWasDeleted: "Der Chat ist gelöscht.",
  allWereDeleted: "Alle deine Chats sind gelöscht.",
  notDeleted:
    "Nicht alles konnte gelöscht werden. Was in der Liste steht, ist noch da. Versuch es noch einmal.",
  notClosed: "Der Chat konnte nicht geschlossen werden. Versuch es noch einmal.",

  dropped: "Die Verbindung ist abgebrochen. Deine Frage ist noch da. Versuch es noch einmal.",
  offline:
    "Du bist offline. Deine Frage ist noch da. Versuch es noch einmal, wenn du wieder online bist.",
  away: "Du warst eine Weile weg. Deine Frage ist noch da. Sende sie noch einmal, dann geht es weiter.",
  unconfirmed:
    "Diese Seite konnte nicht bestätigen, wer du bist. Deine Frage ist noch da. Versuch es noch einmal, oder kopiere sie und lade die Seite neu.",
  forbidden:
    "Diese Website darf hier nicht fragen. Wer sie betreibt, kann das ändern. Deine Frage ist noch da.",
  gone: "Diesen Chat gibt es nicht mehr. Deine Frage ist noch da. Stell sie in einem neuen Chat.",
  closed: "Dieser Chat wurde geschlossen. Deine Frage ist noch da. Stell sie in einem neuen Chat.",
  unreachable:
    "Der Assistent antwortet überhaupt nicht. Deine Frage ist noch da. Versuch es gleich noch einmal.",
  busy: "Es wird noch eine Antwort geschrieben, vielleicht in einem anderen Tab. Deine Frage ist noch da. Versuch es gleich noch einmal.",
  plan: "Der Tarif dieser Website deckt das gerade nicht ab. Deine Frage ist noch da. Versuch es später noch einmal oder sag dem Betreiber Bescheid.",
  invalid:
    "So konnte das nicht gesendet werden. Deine Frage ist noch da. Ändere sie und versuch es noch einmal.",
  invalidField:
    "Das konnte nicht gesendet werden: „{field}“ wird nicht angenommen. Deine Frage ist noch da.",
  limited:
    "Mehr Fragen gehen im Moment nicht. Deine Frage ist noch da. Versuch es später noch einmal.",
  limitedFor:
    "Mehr Fragen gehen im Moment nicht. Deine Frage ist noch da. Versuch es {when} noch einmal.",
  limitOver: "Du kannst deine Frage jetzt wieder senden.",
  waitFor: "Wieder in {time}",
  askAnew: "In einem neuen Chat fragen",
  backOnline: "Du bist wieder online. Deine Frage ist noch da.",
  offlineNow: "Du bist offline. Was du schreibst, bleibt erhalten.",
  unavailable:
    "Der Assistent ist gerade nicht erreichbar. Deine Frage ist noch da. Versuch es noch einmal.",
};
