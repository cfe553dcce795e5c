/** What can go wrong between the panel and the proxy, sorted by what a person can do about it. */
import { isRecord, textAt, type Json } from "./shapes";

export type FailureKind =
  /** No answer came: the connection dropped, or took too long. Whether it arrived is unknown. */
  | "dropped"
  /** No answer came, and none comes from the proxy's open address either. */
  | "unreachable"
  /** 401 also after a new session. */
  | "away"
  /** The page vouches for its user, and gave no token for them, or one that the proxy does not take. */
  | "unconfirmed"
  /** 403: this page may not ask. */
  | "forbidden"
  /** 404: the conversation is not there, or not this visitor's. */
  | "gone"
  /** 409: an answer is already being written. */
  | "busy"
  /** 409: the conversation was closed. */
  | "closed"
  /** 402: the owner's plan does not cover it. */
  | "plan"
  /** 400, 413, 415, 422: what was sent cannot be accepted as it is. */
  | "invalid"
  /** 429. */
  | "limited"
  /** 5xx, or an answer that is not the proxy's. */
  | "unavailable";

export interface Failure {
  kind: FailureKind;
  /** Seconds to wait, where the proxy said. */
  retryAfter: number | null;
  /** When that is over, as `Date.now()` counts. */
  until: number | null;
  /** The field an `invalid` is about, and why, where the proxy said. */
  field: string | null;
  reason: string | null;
}

/** A failed call. `message` is for the console; people read words made from `failure`. */
export class ProxyError extends Error {
  override readonly name = "ProxyError";
  readonly failure: Failure;

  constructor(kind: FailureKind, message: string, details: Partial<Failure> = {}) {
    super(`Asklight: ${message}`);
    const { retryAfter = null } = details;
    const until = retryAfter === null ? null : Date.now() + retryAfter * 1_000;
    this.failure = { kind, retryAfter, field: null, reason: null, ...details, until };
  }
}

const KINDS: Readonly<Record<number, FailureKind>> = {
  400: "invalid",
  401: "away",
  402: "plan",
  403: "forbidden",
  404: "gone",
  409: "busy",
  413: "invalid",
  415: "invalid",
  422: "invalid",
  429: "limited",
};

/** The error a response stands for; `body` is its JSON, or null where it had none. */
export function errorOf(status: number, retryAfterHeader: string | null, body: Json): ProxyError {
  const error = isRecord(body) && isRecord(body.error) ? body.error : {};
  const details = isRecord(error.details) ? error.details : {};
  const said = typeof details.retryAfter === "number" ? details.retryAfter : retryAfterHeader;
  const seconds = Number(said ?? NaN);
  const isClosed = status === 409 && details.conflictingField === "status";
  const kind = details.field === "userToken" ? "unconfirmed" : KINDS[status];
  return new ProxyError(
    isClosed ? "closed" : (kind ?? "unavailable"),
    `the proxy answered ${status} ${textAt(error, "code") ?? ""}`.trim(),
    {
      retryAfter: Number.isFinite(seconds) && seconds >= 0 ? seconds : null,
      field: textAt(details, "field"),
      reason: textAt(details, "reason"),
    },
  );
}

/** Whether the question may have arrived all the same: it is sent again with the same key only. */
export function mayHaveArrived({ kind }: Failure): boolean {
  return kind === "dropped" || kind === "unreachable" || kind === "unavailable";
}

/** Whatever was thrown, as a failure: what is not the proxy's own answer is a dropped connection. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof ProxyError) return thrown.failure;
  return new ProxyError("dropped", "no answer").failure;
}
