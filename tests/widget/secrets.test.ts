import { describe, expect, test } from "vitest";
import { maskSecrets } from "../../widget/src/core/masking";
import { findSecrets } from "../../widget/src/core/secrets";

function found(text: string): string[] {
  return findSecrets(text).map(({ start, end }) => text.slice(start, end));
}

/** Put together here, so that no scanner takes this file for a leak. */
const join = (...pieces: string[]) => pieces.join("");
const random = (length: number) => "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7".repeat(10).slice(0, length);

describe("a likely secret", () => {
  test.each([
    "4111111111111111",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "378282246310005",
    "3782 822463 10005",
    "5555555555554444",
    "6011 1111 1111 1117",
    "DE89370400440532013000",
    "DE89 3704 0044 0532 0130 00",
    "GB29 NWBK 6016 1331 9268 19",
    "NO93 8601 1117 947",
    "FR14 2004 1010 0505 0001 3M02 606",
    join("gh", "p_", random(36)),
    join("github", "_pat_", random(40)),
    join("glp", "at-", random(20)),
    join("xox", "b-123456789012-", random(24)),
    join("sk", "_live_", random(24)),
    join("sk-", "ant-api03-", random(40)),
    join("sk-", "proj-", random(40)),
    join("AKI", "AIOSFODNN7EXAMPLE"),
    join("AIz", "a", random(35)),
    join("npm", "_", random(36)),
    join("hf", "_", random(34)),
    join("SG", ".", random(22), ".", random(43)),
    join("eyJhbGciOiJIUzI1NiJ9", ".eyJzdWIiOiIxMjM0NTY3ODkwIn0", ".", random(43)),
  ])("is %s, and nothing around it", (secret) => {
    expect(found(`Here it is: ${secret}. And BANK more.`)).toEqual([secret]);
    expect(found(`(${secret})`)).toEqual([secret]);
  });

  test("is an account number though a word in capitals follows it", () => {
    expect(found("BE68 5390 0754 7034 BANK BRUSSELS")).toEqual(["BE68 5390 0754 7034"]);
  });

  test("is a whole private key, and one that is not closed", () => {
    const head = join("-----BEGIN RSA PRIVATE", " KEY-----");
    const tail = join("-----END RSA PRIVATE", " KEY-----");
    const key = `${head}\n${random(64)}\n${random(64)}\n${tail}`;
    expect(found(`before\n${key}\nafter`)).toEqual([key]);
    expect(found(`before\n${head}\n${random(64)}`)).toEqual([`${head}\n${random(64)}`]);
  });

  test.each([
    ["https://ada:hunter2@example.com/x", "hunter2"],
    ["postgres://app:p%40ss@db.internal/app", "p%40ss"],
    ["https://example.com/?a=1&access_token=abcd1234&b=2", "abcd1234"],
    ["https://example.com/#id_token=abcd1234", "abcd1234"],
    ["https://example.com/?X-Amz-Signature=deadbeef", "deadbeef"],
    ["https://example.com/cb?code=0123456789abcdef", "0123456789abcdef"],
    ["https://example.com/?api_key=abcdefgh", "abcdefgh"],
  ])("in %s is %s alone", (address, secret) => {
    expect(found(`See ${address} for more.`)).toEqual([secret]);
  });
});

describe("no secret", () => {
  test.each([
    "4111 1111 1111 1112",
    "1234567890123456",
    "ISBN 978-3-16-148410-0",
    "+49 30 1234567890",
    "2026-11-27 12:34:56.789012345",
    "DE89 3704 0044 0532 0130 01",
    "https://example.com/?code=de&key=title",
    "mail ada@example.com or https://example.com:8080/@ada",
    "The sk-button and the task_force_of_the_year",
    "12 34 56 78 90 12 34 56 78",
  ])("is %s", (text) => {
    expect(found(text)).toEqual([]);
  });
});

describe("masking", () => {
  test("changes nothing where there is nothing to mask", () => {
    expect(maskSecrets("plain", () => false, false)).toEqual({ text: "plain", masks: [] });
  });

  test.each([
    ["digits", "4".repeat(110_000)],
    ["groups", "4111 1111 ".repeat(11_000)],
    ["capitals", "AB12 ".repeat(22_000)],
    ["beginnings of keys", "-----BEGIN PRIVATE KEY-----".repeat(4_000)],
    ["dashes", "-".repeat(110_000)],
    ["beginnings of tokens", "eyJaaaaaaaa-".repeat(9_000)],
    ["addresses", "http://a:".repeat(12_000)],
    ["parameters", "?&token_".repeat(14_000)],
    ["letters", "a".repeat(110_000)],
    ["dots", "a.".repeat(55_000)],
  ])("of a text made of %s takes no longer than of any other", (_, text) => {
    const began = performance.now();
    findSecrets(text);
    // In the square of its length it would be tens of seconds.
    expect(performance.now() - began).toBeLessThan(3_000);
  });
});
