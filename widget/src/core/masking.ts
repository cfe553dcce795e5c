/** Puts words of ours in place of likely secrets, and keeps where, so that each can be undone. */
import { findSecrets, type SecretKind } from "./secrets";

export interface Mask {
  kind: SecretKind;
  /** Where it stands in the text to be sent. */
  start: number;
  end: number;
  secret: string;
  /** The visitor wants it sent as it is. */
  isUndone: boolean;
}

export interface Masked {
  text: string;
  masks: Mask[];
}

/** What the assistant reads in a secret's place: it is sent, so it is no word of the panel's. */
const PLACEHOLDERS: Record<SecretKind, string> = {
  card: "[card number masked]",
  account: "[account number masked]",
  privateKey: "[private key masked]",
  accessKey: "[access key masked]",
  password: "masked",
};

export function maskSecrets(
  text: string,
  isUndone: (secret: string) => boolean,
  isAddress: boolean,
): Masked {
  const masks: Mask[] = [];
  let masked = "";
  let from = 0;
  for (const { kind, start, end } of findSecrets(text)) {
    const secret = text.slice(start, end);
    const isAsItIs = isUndone(secret);
    // An address stays one: no brackets, no blanks.
    const placeholder = isAddress ? "masked" : PLACEHOLDERS[kind];
    masked += text.slice(from, start);
    masks.push({
      kind,
      secret,
      isUndone: isAsItIs,
      start: masked.length,
      end: masked.length + (isAsItIs ? secret : placeholder).length,
    });
    masked += isAsItIs ? secret : placeholder;
    from = end;
  }
  return { text: masked + text.slice(from), masks };
}
