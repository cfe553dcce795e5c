/**
 * The languages spoken here, which of them a person is best spoken to in, and what the launcher says in
 * each. All in one module: it is what a page of another language than English loads before anybody
 * wants the panel.
 */

/** What the launcher says after something was done with it. */
export interface LauncherWords {
  hide: string;
  hidden: string;
  failed: string;
}

/** The button that opens the panel; the one at a selection; the one that hides them; what follows that; and a panel that did not load. */
type Row = readonly [
  askPage: string,
  askThis: string,
  hide: string,
  hidden: string,
  failed: string,
];

const ROWS = {
  ar: [
    "اسأل عن هذه الصفحة",
    "اسأل عن هذا",
    "إخفاء هذا الزر في هذا الموقع",
    "أُخفي في هذا الموقع. تراجع",
    "لم يُحمَّل المساعد. أعد المحاولة",
  ],
  cs: [
    "Zeptat se na tuto stránku",
    "Zeptat se na to",
    "Skrýt toto tlačítko na tomto webu",
    "Na tomto webu skryto. Vrátit zpět",
    "Asistent se nenačetl. Zkusit znovu",
  ],
  da: [
    "Spørg om denne side",
    "Spørg om dette",
    "Skjul denne knap på dette websted",
    "Skjult på dette websted. Fortryd",
    "Assistenten blev ikke indlæst. Prøv igen",
  ],
  de: [
    "Zu dieser Seite fragen",
    "Dazu fragen",
    "Diesen Knopf auf dieser Website ausblenden",
    "Auf dieser Website ausgeblendet. Rückgängig",
    "Der Assistent wurde nicht geladen. Erneut versuchen",
  ],
  es: [
    "Preguntar sobre esta página",
    "Preguntar sobre esto",
    "Ocultar este botón en este sitio",
    "Oculto en este sitio. Deshacer",
    "El asistente no se ha cargado. Reintentar",
  ],
  fa: [
    "پرسش درباره این صفحه",
    "پرسش درباره این متن",
    "پنهان کردن این دکمه در این سایت",
    "در این سایت پنهان شد. بازگردانی",
    "دستیار بارگذاری نشد. تلاش دوباره",
  ],
  fi: [
    "Kysy tästä sivusta",
    "Kysy tästä",
    "Piilota tämä painike tällä sivustolla",
    "Piilotettu tällä sivustolla. Kumoa",
    "Avustaja ei latautunut. Yritä uudelleen",
  ],
  fr: [
    "Poser une question sur cette page",
    "Poser une question",
    "Masquer ce bouton sur ce site",
    "Masqué sur ce site. Annuler",
    "L’assistant ne s’est pas chargé. Réessayer",
  ],
  he: [
    "לשאול על הדף הזה",
    "לשאול על זה",
    "להסתיר את הכפתור באתר הזה",
    "הכפתור מוסתר באתר הזה. ביטול",
    "העוזר לא נטען. לנסות שוב",
  ],
  hi: [
    "इस पेज के बारे में पूछें",
    "इसके बारे में पूछें",
    "इस साइट पर यह बटन छिपाएँ",
    "इस साइट पर छिपा है। वापस लाएँ",
    "सहायक लोड नहीं हुआ। फिर से कोशिश करें",
  ],
  id: [
    "Tanya tentang halaman ini",
    "Tanya tentang ini",
    "Sembunyikan tombol ini di situs ini",
    "Disembunyikan di situs ini. Urungkan",
    "Asisten tidak dapat dimuat. Coba lagi",
  ],
  it: [
    "Fai una domanda su questa pagina",
    "Chiedi informazioni",
    "Nascondi questo pulsante su questo sito",
    "Nascosto su questo sito. Annulla",
    "L’assistente non si è caricato. Riprova",
  ],
  ja: [
    "このページについて質問",
    "これについて質問",
    "このサイトではこのボタンを隠す",
    "このサイトでは非表示です。元に戻す",
    "アシスタントを読み込めませんでした。もう一度試す",
  ],
  ko: [
    "이 페이지에 대해 질문하기",
    "이 내용 질문하기",
    "이 사이트에서 이 버튼 숨기기",
    "이 사이트에서 숨겼어요. 되돌리기",
    "도우미를 불러오지 못했어요. 다시 시도",
  ],
  nb: [
    "Spør om denne siden",
    "Spør om dette",
    "Skjul denne knappen på dette nettstedet",
    "Skjult på dette nettstedet. Angre",
    "Assistenten ble ikke lastet inn. Prøv igjen",
  ],
  nl: [
    "Vraag iets over deze pagina",
    "Vraag hierover",
    "Verberg deze knop op deze site",
    "Verborgen op deze site. Ongedaan maken",
    "De assistent is niet geladen. Probeer opnieuw",
  ],
  pl: [
    "Zapytaj o tę stronę",
    "Zapytaj o to",
    "Ukryj ten przycisk w tej witrynie",
    "Ukryto w tej witrynie. Cofnij",
    "Asystent się nie wczytał. Spróbuj ponownie",
  ],
  "pt-BR": [
    "Perguntar sobre esta página",
    "Perguntar sobre isto",
    "Ocultar este botão neste site",
    "Oculto neste site. Desfazer",
    "O assistente não carregou. Tentar de novo",
  ],
  ru: [
    "Спросить об этой странице",
    "Спросить об этом",
    "Скрыть эту кнопку на этом сайте",
    "Скрыто на этом сайте. Отменить",
    "Ассистент не загрузился. Попробовать снова",
  ],
  sv: [
    "Fråga om den här sidan",
    "Fråga om detta",
    "Dölj den här knappen på den här webbplatsen",
    "Dold på den här webbplatsen. Ångra",
    "Assistenten lästes inte in. Försök igen",
  ],
  tr: [
    "Bu sayfa hakkında sor",
    "Bunun hakkında sor",
    "Bu düğmeyi bu sitede gizle",
    "Bu sitede gizlendi. Geri al",
    "Asistan yüklenemedi. Tekrar dene",
  ],
  uk: [
    "Запитати про цю сторінку",
    "Запитати про це",
    "Сховати цю кнопку на цьому сайті",
    "Сховано на цьому сайті. Скасувати",
    "Асистент не завантажився. Спробувати ще раз",
  ],
  vi: [
    "Hỏi về trang này",
    "Hỏi về đoạn này",
    "Ẩn nút này trên trang web này",
    "Đã ẩn trên trang web này. Hoàn tác",
    "Chưa tải được trợ lý. Thử lại",
  ],
  "zh-Hans": [
    "就此页面提问",
    "就此提问",
    "在此网站隐藏此按钮",
    "已在此网站隐藏。撤销",
    "助手未能加载。重试",
  ],
  "zh-Hant": [
    "詢問這個頁面",
    "詢問這段內容",
    "在這個網站隱藏此按鈕",
    "已在這個網站隱藏。復原",
    "助理未能載入。再試一次",
  ],
} satisfies Record<string, Row>;

/** Every language but English, whose words are in the panel and in the launcher. */
export type OtherTag = keyof typeof ROWS;

export type Tag = "en" | OtherTag;

export const TAGS = ["en", ...Object.keys(ROWS)] as readonly Tag[];

/** Languages whose speakers read another one here. Old codes (`iw`, `in`) a browser knows itself. */
const NEAREST = new Map([
  ["no", "nb"],
  ["nn", "nb"],
  ["pt", "pt-BR"],
]);

/** The first of the wanted languages (BCP 47) that is spoken here; English where none is. */
export function pick(wanted: readonly string[]): Tag {
  for (const tag of wanted) {
    const found = spoken(tag);
    if (found) return found;
  }
  return "en";
}

/** What a tag such as `de-AT`, `zh-HK` or `iw` is here. Pages also write `de_AT`, and much that is no tag. */
function spoken(tag: string): Tag | undefined {
  try {
    const { language, script } = new Intl.Locale(tag.trim().replaceAll("_", "-")).maximize();
    const names = [`${language}-${script}`, NEAREST.get(language) ?? language];
    return TAGS.find((known) => names.includes(known));
  } catch {
    return undefined;
  }
}

/** The part of the launcher that is named here. */
export interface Named {
  data: DOMStringMap;
  corner: HTMLElement;
  disc: HTMLElement;
  hide?: HTMLElement;
  bar: HTMLElement;
  words?: LauncherWords;
}

/** Names what the launcher shows; changes nothing where English is the language after all. */
export function run(launcher: Named): void {
  const { data, corner, disc, hide, bar } = launcher;
  // As for the panel: what the page's author said, else the page's language, else the visitor's.
  const tag = pick([data.lang ?? "", document.documentElement.lang, ...navigator.languages]);
  if (tag === "en") return;
  const [askPage, askThis, hideThis, hidden, failed] = ROWS[tag];
  launcher.words = { hide: hideThis, hidden, failed };
  corner.lang = bar.lang = tag;
  disc.ariaLabel = disc.title = askPage;
  if (hide) hide.ariaLabel = hideThis;
  if (bar.firstChild) bar.firstChild.textContent = askThis;
}
