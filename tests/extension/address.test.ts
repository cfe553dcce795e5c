import { expect, test } from "vitest";
import { checkAddress, DEFAULT_ADDRESS, hostPattern } from "../../extension/lib/address";

test.each([
  ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
  ["  http://localhost:9000/ ", "http://localhost:9000"],
  ["http://a.localhost", "http://a.localhost"],
  ["http://[::1]:8080", "http://[::1]:8080"],
  ["HTTPS://Ask.Example.COM:443/", "https://ask.example.com"],
  ["https://ask.example.com:8443", "https://ask.example.com:8443"],
])("takes %j as %s", (typed, origin) => {
  expect(checkAddress(typed)).toEqual({ ok: true, origin });
});

test("takes the default address", () => {
  expect(checkAddress(DEFAULT_ADDRESS)).toEqual({ ok: true, origin: DEFAULT_ADDRESS });
});

test.each([
  ["", "Enter the proxy's address"],
  ["ask.example.com", "starts with https://"],
  ["localhost:8080", "starts with https://"],
  ["ftp://ask.example.com", "starts with https://"],
  ["javascript:alert(1)", "starts with https://"],
  ["https://", "starts with https://"],
  ["https://user:secret@ask.example.com", "name and password"],
  ["https://ask.example.com/chat", "only the start of the address: https://ask.example.com"],
  ["https://ask.example.com/?a=1", "only the start of the address"],
  ["http://ask.example.com", "https://ask.example.com"],
  ["http://192.168.1.5:8080", "Use https for another computer"],
  ["http://127.0.0.1.example.com", "Use https for another computer"],
  ["http://localhost.example.com", "Use https for another computer"],
])("refuses %j and says why", (typed, reason) => {
  const checked = checkAddress(typed);
  expect(checked).toMatchObject({ ok: false });
  expect(checked.ok ? "" : checked.reason).toContain(reason);
});

test("asks Chromium for one port of a host and Firefox, which knows no ports, for the host", () => {
  expect(hostPattern("http://127.0.0.1:8080", true)).toBe("http://127.0.0.1:8080/*");
  expect(hostPattern("http://127.0.0.1:8080", false)).toBe("http://127.0.0.1/*");
  expect(hostPattern("https://ask.example.com", true)).toBe("https://ask.example.com/*");
});
