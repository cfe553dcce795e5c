/**
 * Finds what is likely a secret in a text: payment cards and account numbers by their check digits,
 * private keys, access keys by the shapes their issuers give them, passwords and the like in
 * addresses. Every pattern is bounded or starts only where a run of its characters does, so that a
 * text made to be slow costs no more than another of its length.
 */

export type SecretKind = "card" | "account" | "privateKey" | "accessKey" | "password";

export interface Secret {
  kind: SecretKind;
  start: number;
  end: number;
}

const PEM_EDGE = "[A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----";

/** A key that is not closed is one up to where its lines end. */
const PRIVATE_KEY = new RegExp(
  `-----BEGIN ${PEM_EDGE}(?:[^-]|-(?!----))*(?:-----END ${PEM_EDGE})?|\\bAGE-SECRET-KEY-1[0-9A-Z]{50,}`,
  "g",
);

/** JSON Web Tokens, signed or encrypted; then the prefixes issuers publish for secret scanners. */
const ACCESS_KEY = new RegExp(
  `(?<![\\w-])(?:${[
    "eyJ[\\w-]{8,}\\.[\\w-]*(?:\\.[\\w-]+){1,3}",
    "(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])",
    "gh[pousr]_\\w{30,}",
    "github_pat_\\w{22,}",
    "gl(?:pat|ptt|dt|rt|cbt|soat)-[\\w-]{20,}",
    "xox[a-z]-[\\w-]{10,}",
    "xapp-[\\w-]{10,}",
    "(?:sk|rk)_[A-Za-z0-9_]{16,}",
    "whsec_[\\w+/=]{20,}",
    "sk-[\\w-]{20,}",
    "AIza[\\w-]{35}",
    "ya29\\.[\\w-]{20,}",
    "GOCSPX-[\\w-]{20,}",
    "npm_[A-Za-z0-9]{36}",
    "pypi-[\\w-]{50,}",
    "(?:hf|gsk|ntn|lin_api|xai|r8)[_-][A-Za-z0-9]{30,}",
    "SG\\.[\\w-]{16,}\\.[\\w-]{16,}",
    "shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}",
    "do[oprt]_v1_[a-f0-9]{64}",
    "hv[sbr]\\.[\\w-]{24,}",
    "dapi[a-f0-9]{32}",
    "\\d{8,10}:AA[\\w-]{33}",
  ].join("|")})`,
  "g",
);

/** A name and password in an address; the password is the second group. */
const ADDRESS_PASSWORD = /([a-z][a-z\d+.-]{0,20}:\/\/[^\s/:@]{0,100}:)([^\s/@]{1,200})(?=@)/gi;

/** Parameters whose value opens something, whatever stands before their name. */
const PARAMETER =
  /([?&#;](?:[\w.-]{0,40}[_.-])?(?:token|secret|password|passwd|pwd|api_?key|apikey|sig|signature|session_?id|sid|jwt|auth|otp|credential)=)([^&#;\s"'<>]{4,})/gi;

/** Short values of these are a page's, long ones open something. */
const PARAMETER_IF_LONG = /([?&#](?:code|key)=)([^&#;\s"'<>]{16,})/gi;

/** Digits in one run or in the groups cards are printed in, with one kind of gap. */
const CARD =
  /(?<![\d.,])(?:\d{4}([ \u00A0-])\d{4}\1\d{4}\1\d{4}(?:\1\d{3})?|\d{4}([ \u00A0-])\d{6}\2\d{4,5}|\d{13,19})(?![\d])/g;

/** Two letters, two check digits and up to thirty more, in a run or in fours. */
const ACCOUNT =
  /(?<![A-Z0-9])[A-Z]{2}\d{2}(?:[ \u00A0]?[A-Z0-9]{4}){2,7}(?:[ \u00A0]?[A-Z0-9]{1,3}(?![A-Z0-9]))?/g;

/** The secrets of a text in their order; none overlaps another. */
export function findSecrets(text: string): Secret[] {
  const found = [
    ...matches(text, PRIVATE_KEY, "privateKey"),
    ...matches(text, ACCESS_KEY, "accessKey"),
    ...matches(text, ADDRESS_PASSWORD, "password"),
    ...matches(text, PARAMETER, "password"),
    ...matches(text, PARAMETER_IF_LONG, "password"),
    ...matches(text, CARD, "card").filter(({ start, end }) => isCard(text.slice(start, end))),
    ...accounts(text),
  ];
  found.sort((one, other) => one.start - other.start || other.end - one.end);
  let end = 0;
  return found.filter((secret) => {
    const isFree = secret.start >= end;
    if (isFree) end = secret.end;
    return isFree;
  });
}

/** With two groups, the second is the secret and the first leads to it. */
function matches(text: string, pattern: RegExp, kind: SecretKind): Secret[] {
  return [...text.matchAll(pattern)].map((match) => {
    const isLed = kind === "password";
    const start = match.index + (isLed ? (match[1]?.length ?? 0) : 0);
    return { kind, start, end: match.index + match[0].length };
  });
}

/** Issuers' first digits, and the Luhn check. */
function isCard(text: string): boolean {
  const digits = text.replace(/\D/g, "");
  if (!/^(?:3[0-9]|4|5[0-9]|6[0-9]|2[2-7])/.test(digits)) return false;
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at]);
    const doubled = at % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** A word in capitals after a number reads as more of it: shorter is tried until the check holds. */
function accounts(text: string): Secret[] {
  return matches(text, ACCOUNT, "account").flatMap((secret) => {
    for (let { end } = secret; end - secret.start >= 15; end = endOfGroupBefore(text, end))
      if (isAccount(text.slice(secret.start, end))) return [{ ...secret, end }];
    return [];
  });
}

function endOfGroupBefore(text: string, end: number): number {
  return Math.max(text.lastIndexOf(" ", end - 1), text.lastIndexOf("\u00A0", end - 1));
}

/** ISO 13616: the country and check digits moved to the end, letters as numbers, modulo 97. */
function isAccount(text: string): boolean {
  const bare = text.replace(/\s/g, "");
  if (bare.length < 15 || bare.length > 34) return false;
  const digits = (bare.slice(4) + bare.slice(0, 4)).replace(/[A-Z]/g, (letter) =>
    String(letter.charCodeAt(0) - 55),
  );
  let rest = 0;
  for (let at = 0; at < digits.length; at += 9)
    rest = Number(String(rest) + digits.slice(at, at + 9)) % 97;
  return rest === 1;
}
