import type { Look } from "../core/types";
import type { Words } from "../core/words";

/** What the owner says of keeping what is asked, and where more is said. */
export function Terms({ words, look }: { words: Words; look: Look }) {
  const { retentionNotice, privacyUrl } = look;
  return (
    <p class="terms" part="terms" dir="auto">
      {retentionNotice}
      {retentionNotice && privacyUrl && " "}
      {privacyUrl && (
        <a href={privacyUrl} target="_blank" rel="noopener noreferrer">
          {words.privacy}
        </a>
      )}
    </p>
  );
}
