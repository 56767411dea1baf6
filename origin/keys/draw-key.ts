import { createHash, randomBytes } from "node:crypto";
import { makeKey } from "#contract/keys.ts";

/** Random part and checksum, which a hint leaves out but for the end. */
const secretCharacters = 39;

/** A new key, and what may be kept of it. */
export function drawKey(of: { account: string; livemode: boolean }): { key: string; digest: string; hint: string } {
  const key = makeKey(of, randomBytes(20));
  return {
    key,
    digest: createHash("sha256").update(key).digest("hex"),
    hint: `${key.slice(0, -secretCharacters)}…${key.slice(-4)}`,
  };
}
