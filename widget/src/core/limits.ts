/**
 * Every limit the widget keeps, each with what happens at it. Lengths are UTF-16 units, as the
 * service's own clients count; the proxy refuses more with 422.
 */

/** A longer question cannot be sent; the composer says so and keeps it. */
export const QUESTION_LENGTH = 10_000;

/** The parts of `pageContext` are cut here; the chip says by how much. */
export const PAGE_LIMITS = {
  url: 2_048,
  title: 500,
  content: 100_000,
  textSelection: 10_000,
} as const;

/** One server-sent event; a larger one ends the answer as cut. */
export const EVENT_LENGTH = 1_048_576;

/** One answer; a longer one is shown up to here and ends as cut. */
export const ANSWER_LENGTH = 2_000_000;

/** A stream without a byte for this long counts as cut. The proxy sends a comment every 15 s. */
export const SILENCE_MS = 90_000;

/** How long a request other than a stream may take before it counts as a dropped connection. */
export const REQUEST_MS = 30_000;

/** How long the proxy may take to show that it is there at all. */
export const REACH_MS = 5_000;

/** How long to wait before each try to go on with an answer whose connection was lost: all of the proxy's usual grace. */
export const RECONNECT_MS = [0, 1_000, 2_000, 4_000, 8_000, 15_000] as const;

/** How long a stopped stream may take to end by itself before the widget closes it. */
export const STOP_MS = 2_000;
