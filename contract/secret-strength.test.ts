import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { hasPlaceholderPassword, isPlaceholder, weakness } from "./secret-strength.ts";

test.each([
  "changeme",
  "short-but-random-9fK",
  "changeme-changeme-changeme-changeme",
  "secretsecretsecretsecretsecretsecret",
  "please-change-me-please-change-me-please-change-me",
  "your-secret-key-your-secret-key-your-secret-key",
  "a".repeat(64),
  "0".repeat(43),
  "abc123".repeat(10),
  "1234567890123456789012345678901234567890",
  "example-password-example-password-example",
  "ababababababababababababababababab",
])("%s is no secret", (text) => {
  expect(weakness(text, 32)).toBeDefined();
});

test("drawn secrets are taken, in every usual spelling", () => {
  for (let n = 0; n < 2_000; n++) {
    const bytes = randomBytes(32);
    for (const text of [bytes.toString("base64"), bytes.toString("hex"), bytes.toString("base64url")])
      expect(weakness(text, 32), text).toBeUndefined();
  }
});

test.each(["Correct horse battery staple", "vier-Züge-nach-Kassel"])("%s is a password", (text) => {
  expect(weakness(text, 12)).toBeUndefined();
});
test.each(["password1234", "Password!2026", "administrator1", "changeme1234", "111111111111"])("%s is no password", (text) => {
  expect(weakness(text, 12)).toBeDefined();
});

test.each(["changeme", "CHANGE_ME", "secret", "your-password-12", "postgres", "xxxxxxxx", "test-key"])(
  "%s stands for somebody else's secret",
  (text) => {
    expect(isPlaceholder(text)).toBe(true);
  },
);
test.each(["k3Vq9", "a client secret of ours", "9f86d081884c7d65", "Tr0ub4dor&3"])("%s may be somebody else's secret", (text) => {
  expect(isPlaceholder(text)).toBe(false);
});
test("an address may have no password, and none that is a placeholder", () => {
  expect(hasPlaceholderPassword("redis://127.0.0.1:6379")).toBe(false);
  expect(hasPlaceholderPassword("redis+sentinel://:pYx81Kw2@a:1,b:2/main")).toBe(false);
  expect(hasPlaceholderPassword("redis+sentinel://:changeme@a:1,b:2/main")).toBe(true);
});
