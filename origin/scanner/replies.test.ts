import { expect, test } from "vitest";
import { parseReply, parseVersion } from "./replies.ts";

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
