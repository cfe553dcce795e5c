/** The first look at what comes from the network: unknown until read. */

export type Json = unknown;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A non-empty string under a name, or null. */
export function textAt(record: Record<string, unknown>, name: string): string | null {
  const value = record[name];
  return typeof value === "string" && value !== "" ? value : null;
}
