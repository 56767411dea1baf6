import { createHmac, randomBytes } from "node:crypto";
import { symmetricDecrypt, symmetricEncrypt } from "better-auth/crypto";
import { expect, test } from "vitest";
import { resigned, versioned } from "./rotated-secret.ts";

const [old, next, third] = [randomBytes(32).toString("base64"), randomBytes(32).toString("base64"), randomBytes(32).toString("base64")];
const signed = (secret: string, value: string) =>
  encodeURIComponent(`${value}.${createHmac("sha256", secret).update(value).digest("base64")}`);
const before = { secret: old, also: next };
const after = { secret: next, also: old };

test("a cookie is taken by processes of before and after the change, whichever of them signed it", () => {
  const cookies = (secret: string) => `theme=dark; __Secure-trusty.session_token=${signed(secret, "tok.en")}`;
  expect(resigned(cookies(old), after)).toBe(cookies(next));
  expect(resigned(cookies(next), before)).toBe(cookies(old));
  expect(resigned(cookies(next), after)).toBe(cookies(next));
});

test("what neither secret signed stays as it came, and nothing is signed anew once the change is over", () => {
  for (const cookie of [`a=${signed(third, "x")}`, "a=x.y", "a=", "=x.y", "a", "a=%E0%A4%A.x", ""])
    expect(resigned(cookie, after)).toBe(cookie);
  const late = `a=${signed(old, "x")}`;
  expect(resigned(late, { secret: next })).toBe(late);
});

test("what one process encrypts, every other opens, as long as it knows both secrets", async () => {
  const config = (secrets: { secret: string; also?: string }) => {
    const [current, ...others] = versioned(secrets);
    const keys = new Map([current, ...others].map((each) => [each?.version ?? 0, each?.value ?? ""]));
    return { keys, currentVersion: current?.version ?? 0 };
  };
  const text = "a private key";
  for (const [from, to] of [
    [before, after],
    [after, before],
  ] as const) {
    const data = await symmetricEncrypt({ key: config(from), data: text });
    expect(await symmetricDecrypt({ key: config(to), data })).toBe(text);
    await expect(symmetricDecrypt({ key: config({ secret: third }), data })).rejects.toThrow();
  }
});
