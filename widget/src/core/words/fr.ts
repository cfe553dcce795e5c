/** French. */
import type { Translation } from "./index";

export const words: Translation = {
  direction: "ltr",
  assistant: "Assistant",
  newChat: "Nouvelle discussion",
  close: "Fermer",
  conversation: "Conversation",
  you: "Votre question",
  answer: "Réponse",

  welcome:
    "Posez une question sur cette page. Si vous sélectionnez d’abord un passage, lui seul sera envoyé.",
  welcomeNoPage:
    "Posez votre question. Aucune page n’est lue ici : seule votre question est envoyée.",
  suggestions: "Questions pour commencer",
  suggestSummary: "Quels sont les points principaux de cette page ?",
  suggestHeading: "Que dit cette page sur « {heading} » ?",
  welcomeSelection: "Posez une question sur le passage sélectionné.",
  suggestExplain: "Explique ce passage avec des mots plus simples.",
  suggestShorten: "Résume ce passage en quelques phrases.",
  suggestTranslate: "Traduis ce passage. Langue cible : {language}.",
  suggestMatter: "Pourquoi est-ce important ?",
  explain: "Expliquer",
  summarise: "Résumer",
  translate: "Traduire",
  askAbout: "Poser une question sur la sélection",
  askOff: "Ne plus proposer sur ce site",
  askIsOff: "N’est plus proposé sur ce site. Annuler",
  askIsOffHere: "« Poser une question » est désactivé sur les sélections de ce site.",
  askOn: "Activer",

  whatIsSent: "Ce qui sera envoyé",
  nothingSent: "Seule votre question est envoyée.",
  address: "Adresse",
  title: "Titre",
  page: "Texte de la page",
  paragraph: "Paragraphe",
  selection: "Sélection",
  receipt: "Envoyé",
  receiptNone: "Envoyé sans la page",
  receiptKept: "Voici ce qui est conservé avec votre discussion. Le texte de la page ne l’est pas.",
  characters: {
    one: "{n} caractère",
    other: "{n} caractères",
  },
  cut: {
    one: "{n} caractère au-delà de la limite est laissé de côté",
    other: "{n} caractères au-delà de la limite sont laissés de côté",
  },
  cutHere: "La limite est atteinte ici. Ce qui suit est laissé de côté :",
  hidden: {
    one: "{n} caractère masqué de la page est laissé de côté",
    other: "{n} caractères masqués de la page sont laissés de côté",
  },
  masked: {
    one: "{n} secret probable est caché",
    other: "{n} secrets probables sont cachés",
  },
  chipMasked: "en partie caché",
  chipCut: "abrégé",
  secretCard: "Numéro de carte",
  secretAccount: "Numéro de compte",
  secretPrivateKey: "Clé privée",
  secretAccessKey: "Clé d’accès",
  secretPassword: "Mot de passe ou clé dans une adresse",
  unmask: "Envoyer tel quel",
  mask: "Cacher de nouveau",
  show: "Voir ce qui est envoyé :",
  remove: "Laisser de côté : {part}",
  add: "Envoyer de nouveau : {part}",
  addPage: "Ajouter toute la page",
  pageChanged: "C’est maintenant une autre page. Rien n’en est joint.",
  takePage: "Joindre cette page",

  placeholder: "Posez une question",
  question: "Votre question",
  send: "Envoyer",
  stop: "Arrêter",
  tooLong: {
    one: "{n} caractère de trop",
    other: "{n} caractères de trop",
  },
  roomLeft: {
    one: "{n} caractère restant",
    other: "{n} caractères restants",
  },
  editing: "La question posée et sa réponse restent. Ceci part comme un nouveau message.",
  editAsked: "Modifier et reposer la question",
  cancel: "Annuler",
  privacy: "Confidentialité",
  notStored:
    "Ce navigateur ne conserve rien pour ce site : recharger la page commence une nouvelle discussion.",
  notKept:
    "Ce navigateur ne garde pas de cookie ici : la discussion prend fin quand la page est rechargée.",

  copy: "Copier",
  copied: "Copié",
  copyPlain: "Copier en texte brut",
  copyCode: "Copier le code",
  reasoning: "Raisonnement",
  thinking: "Réflexion en cours",
  like: "Bonne réponse",
  dislike: "Mauvaise réponse",
  askAgain: "Reposer la question",
  tryAgain: "Réessayer",
  edit: "Modifier",
  sources: "Sources",
  source: "Source {n} : {label}",
  newText: "Nouveau texte plus bas",
  newAnswer: "Nouvelle réponse",
  codeSpoken: "Un bloc de code.",
  codeSpokenIn: "Un bloc de code en {language}.",
  passageShown: "Le passage est surligné sur la page.",
  toEnd: "Aller à la fin",
  answering: "La réponse arrive.",
  answered: "La réponse est complète.",
  loading: "Chargement de votre discussion",

  stopped: "Vous avez arrêté cette réponse. Ce qui est arrivé est conservé.",
  failed:
    "L’assistant n’a pas pu terminer. Ce qui est arrivé est conservé. Reposer la question envoie un nouveau message.",
  cutOff:
    "La connexion a été coupée. Ce qui est arrivé est conservé. Reposer la question envoie un nouveau message.",
  reconnecting: "La connexion a été coupée. Ce qui est arrivé est conservé. Reconnexion en cours.",
  personTookOver: "Une personne a pris le relais. Sa réponse s’affichera dans cette discussion.",
  personHere: "Vous écrivez à {name}, une personne.",
  somebodyHere: "Vous écrivez à une personne. Pendant ce temps, l’assistant se tait.",
  person: "Une personne",
  chatLost: "Votre discussion précédente n’est plus là. Celle-ci repart de zéro.",
  beganAnew:
    "Votre absence a duré un moment. L’assistant ne sait plus ce qui figure plus haut : c’est une nouvelle discussion.",
  chatClosed:
    "Cette discussion est close. Vous pouvez la lire ; votre prochaine question en commencera une nouvelle.",
  chatUnreachable:
    "Votre discussion précédente n’a pas pu être chargée. Vous pouvez continuer à poser des questions.",

  dropped: "La connexion a été coupée. Votre question est conservée. Réessayez.",
  offline: "Vous êtes hors ligne. Votre question est conservée. Réessayez une fois en ligne.",
  away: "Votre absence a duré un moment. Votre question est conservée. Renvoyez-la pour continuer.",
  forbidden:
    "Ce site n’est pas autorisé à poser de questions ici. Son propriétaire peut changer cela. Votre question est conservée.",
  gone: "Cette discussion n’est plus là. Votre question est conservée. Commencez une nouvelle discussion pour la poser.",
  closed:
    "Cette discussion a été close. Votre question est conservée. Posez-la dans une nouvelle discussion.",
  unreachable:
    "L’assistant ne répond pas du tout. Votre question est conservée. Réessayez dans un instant.",
  busy: "Une réponse est encore en cours, peut-être dans un autre onglet. Votre question est conservée. Réessayez dans un instant.",
  plan: "L’abonnement du propriétaire de ce site ne couvre pas cela pour le moment. Votre question est conservée. Réessayez plus tard ou prévenez le propriétaire.",
  invalid:
    "L’envoi n’a pas été possible tel quel. Votre question est conservée. Modifiez-la et réessayez.",
  invalidField:
    "L’envoi n’a pas été possible : « {field} » n’est pas accepté. Votre question est conservée.",
  limited:
    "Vous ne pouvez pas en demander plus pour le moment. Votre question est conservée. Réessayez plus tard.",
  limitedFor:
    "Vous ne pouvez pas en demander plus pour le moment. Votre question est conservée. Réessayez {when}.",
  limitOver: "Vous pouvez de nouveau envoyer votre question.",
  waitFor: "De nouveau dans {time}",
  askAnew: "Poser dans une nouvelle discussion",
  backOnline: "Vous êtes de nouveau en ligne. Votre question est conservée.",
  offlineNow: "Vous êtes hors ligne. Ce que vous écrivez est conservé.",
  unavailable:
    "L’assistant est injoignable pour le moment. Votre question est conservée. Réessayez.",
};
