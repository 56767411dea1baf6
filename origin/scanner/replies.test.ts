import { expect, test } from "vitest";
import { parseReply, parseVersion, signaturesFault } from "./replies.ts";

test.each([
  ["stream: OK", { kind: "clean" }],
  ["stream: Eicar-Test-Signature.UNOFFICIAL FOUND", { kind: "found", name: "Eicar-Test-Signature.UNOFFICIAL" }],
  ["stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND", { kind: "limits", name: "Heuristics.Limits.Exceeded.MaxFileSize" }],
  ["stream: Heuristics.Encrypted.PDF FOUND", { kind: "encrypted", name: "Heuristics.Encrypted.PDF" }],
  ["INSTREAM size limit exceeded. ERROR", { kind: "limits", name: "StreamMaxLength" }],
] as const)("the reply %j is understood", (text, reply) => {
  expect(parseReply(text)).toEqual(reply);
});

test.each(["stream: OK\n", "stream: ok", "OK", "", "stream: Can't allocate memory ERROR", "stream: OK FOUND?", " stream: OK"])(
  "only an exact OK is clean, so %j is not",
  (text) => {
    expect(parseReply(text).kind).not.toBe("clean");
  },
);

test("a clamd with the official database says which and of when", () => {
  expect(parseVersion("ClamAV 1.4.6/27800/Sat Nov 21 09:11:12 2026")).toEqual({
    scanner: "ClamAV 1.4.6",
    signatures: "27800",
    signaturesDate: new Date("2026-11-21T09:11:12Z"),
  });
});

test("a clamd without the official database is told apart", () => {
  expect(parseVersion("ClamAV 1.4.6")).toEqual({ scanner: "ClamAV 1.4.6", signatures: "test-only", signaturesDate: undefined });
});

test.each(["", "PONG", "ClamAV 1.4.6/27800/yesterday", "nginx/1.2"])("%j is no version", (text) => {
  expect(parseVersion(text)).toBeUndefined();
});

const rules = { allowTestSignatures: false, ageMaxMs: 7 * 24 * 3_600_000, now: new Date("2026-11-22T00:00:00Z") };
const official = (date: string) => ({ scanner: "ClamAV 1.4.6", signatures: "27800", signaturesDate: new Date(date) });

test("fresh official signatures count, old ones and a database that knows only tests do not", () => {
  const testOnly = { scanner: "ClamAV 1.4.6", signatures: "test-only", signaturesDate: undefined };
  expect(signaturesFault(official("2026-11-21T09:11:12Z"), rules)).toBeUndefined();
  expect(signaturesFault(official("2026-11-14T00:00:00Z"), rules)).toContain("192 hours");
  expect(signaturesFault(testOnly, rules)).toContain("ALLOW_TEST_SIGNATURES");
  expect(signaturesFault(testOnly, { ...rules, allowTestSignatures: true })).toBeUndefined();
});
