/** The parts a message is made of, as far as they are text. */
import { isRecord, textAt } from "./records";

/** The text parts of a message, a blank line between them. */
export function partsText(parts: unknown): string {
  if (!Array.isArray(parts)) return "";
  const texts = parts.map((part) =>
    isRecord(part) && part.type === "text" ? (textAt(part, "text") ?? "") : "",
  );
  return texts.filter(Boolean).join("\n\n");
}
