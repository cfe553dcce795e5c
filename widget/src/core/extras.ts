/** What an answer brings besides its text: its sources, its reasoning and buttons that are links. */
import { isRecord, textAt, type Json } from "./records";
import type { AnswerExtras, LinkButton, Source } from "./types";

export const NO_EXTRAS: AnswerExtras = { reasoning: "", sources: [], buttons: [] };

/** The one kind of tool with something to show; what any other does is the assistant's own business. */
const LINK_TOOL = /^action_display-link/;

/** More sources or buttons than this are not listed. */
const COUNT = 100;

/** A label is cut here: what is longer is no label. */
const LABEL_LENGTH = 120;

/** A `source-url` or `source-document`, chunk or part, or null where it names nothing. */
export function sourceFrom(value: Json): Source | null {
  if (!isRecord(value)) return null;
  const url = value.type === "source-url" ? textAt(value, "url") : null;
  const title = textAt(value, "title") ?? textAt(value, "filename");
  return url || (value.type === "source-document" && title) ? { url, title } : null;
}

/** What a tool's output wants shown, or null. The address is checked where it is drawn. */
export function buttonFrom(tool: string | undefined, output: Json): LinkButton | null {
  if (!tool || !LINK_TOOL.test(tool) || !isRecord(output)) return null;
  const href = textAt(output, "href");
  const label = textAt(output, "buttonLabel")?.trim().slice(0, LABEL_LENGTH);
  const variant = textAt(output, "buttonVariant");
  const isPrimary = variant === null || variant === "primary" || variant === "default";
  return href && label ? { label, href, isPrimary } : null;
}

export function withSource(extras: AnswerExtras, source: Source): AnswerExtras {
  const isKnown = extras.sources.some(
    ({ url, title }) => url === source.url && (url !== null || title === source.title),
  );
  if (isKnown || extras.sources.length >= COUNT) return extras;
  return { ...extras, sources: [...extras.sources, source] };
}

export function withButton(extras: AnswerExtras, button: LinkButton): AnswerExtras {
  const isKnown = extras.buttons.some(
    ({ href, label }) => href === button.href && label === button.label,
  );
  if (isKnown || extras.buttons.length >= COUNT) return extras;
  return { ...extras, buttons: [...extras.buttons, button] };
}

/** What the parts of a stored message bring. */
export function extrasOf(parts: Json): AnswerExtras {
  let extras = NO_EXTRAS;
  for (const part of Array.isArray(parts) ? parts.filter(isRecord) : []) {
    const source = sourceFrom(part);
    const button = buttonFrom(toolOf(part), part.output);
    const thought = part.type === "reasoning" ? textAt(part, "text") : null;
    if (source) extras = withSource(extras, source);
    if (button) extras = withButton(extras, button);
    if (thought) {
      const reasoning = [extras.reasoning, thought].filter(Boolean).join("\n\n");
      extras = { ...extras, reasoning };
    }
  }
  return extras;
}

/** A part names its tool in its type, `tool-NAME`, or apart. */
function toolOf(part: Record<string, unknown>): string | undefined {
  const type = textAt(part, "type") ?? "";
  return type === "dynamic-tool"
    ? (textAt(part, "toolName") ?? undefined)
    : type.replace(/^tool-/, "");
}
