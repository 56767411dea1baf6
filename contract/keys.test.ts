import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { base32 } from "./ids.ts";
import { makeKey, parseKey } from "./keys.ts";

const random = Uint8Array.from({ length: 20 }, (_, index) => index * 7);
const key = makeKey({ account: "acme_2-b", livemode: true }, random);

test("a key names its account and its mode", () => {
  expect(key).toMatch(/^tc_live_acme_2-b_[a-z2-7]{39}$/);
  expect(parseKey(key)).toEqual({ account: "acme_2-b", livemode: true });
  expect(parseKey(makeKey({ account: "a", livemode: false }, random))).toEqual({ account: "a", livemode: false });
});

test("its checksum is the CRC-32 of what stands before", () => {
  const start = key.slice(0, -7);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(start));
  expect(key.slice(-7)).toBe(base32(sum));
});

test("one wrong character anywhere makes it junk", () => {
  for (let index = 0; index < key.length; index++) {
    const changed = `${key.slice(0, index)}${key[index] === "q" ? "r" : "q"}${key.slice(index + 1)}`;
    expect(parseKey(changed), changed).toBeUndefined();
  }
});

test.each(["", "tc_live_", `${key}a`, key.toUpperCase(), key.replace("live", "dead"), ` ${key}`])("%s is no key", (text) => {
  expect(parseKey(text)).toBeUndefined();
});
