/** Guards for what a page hands over: unknown until read here. `undefined`: it is not what was asked for. */
import type { PageInput, Theme, UserToken } from "./api";

const PARTS = ["url", "title", "content"] as const;

export function themeFrom(given: unknown): Theme | undefined {
  return given === "light" || given === "dark" || given === "auto" ? given : undefined;
}

/** Null stands for nobody. */
export function userFrom(given: unknown): UserToken | null | undefined {
  if (given === null) return null;
  const token: unknown = (given as { token?: unknown } | undefined)?.token;
  if (typeof token === "function") return token as UserToken;
  return typeof token === "string" && token ? token : undefined;
}

/** Null stands for "as it is read"; parts that are not known are refused, since they would be lost. */
export function pageInputFrom(given: unknown): PageInput | null | undefined {
  if (given === null) return null;
  if (typeof given !== "object") return undefined;
  const page: PageInput = {};
  for (const [name, value] of Object.entries(given)) {
    const part = PARTS.find((part) => part === name);
    if (!part || !(value === null || typeof value === "string")) return undefined;
    page[part] = value;
  }
  return page;
}
