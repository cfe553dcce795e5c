/** Other sites' widgets on the page, which this one shares it with. */

/**
 * What the launchers on the page stand in, in the order of the page. All of them are in its root, so that
 * the rest of it, which may be long, is not looked through.
 */
export function launchersOnPage(): ShadowRoot[] {
  return [...document.documentElement.children].flatMap(({ localName, shadowRoot }) =>
    localName === "asklight-widget" && shadowRoot ? shadowRoot : [],
  );
}
