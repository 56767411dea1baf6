// Ids: a prefix that names the noun, and 128 random bits in Crockford-free lower-case base 32 (RFC 4648 alphabet, no padding).
import { z } from "zod";

const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
const tail = "[a-z2-7]{26}";

/** RFC 4648 base 32, lower-case, without padding. */
export function base32(bytes: Uint8Array): string {
  let bits = 0;
  let held = 0;
  let text = "";
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(held >> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? text + alphabet[(held << (5 - bits)) & 31] : text;
}

/** What ids are made for. */
export type IdPrefix = "job" | "upl" | "req" | "key" | "acc" | "usr" | "aud" | "led" | "ath";

/** Makes an id from 16 random bytes, which the caller draws: `newId("job", crypto.getRandomValues(new Uint8Array(16)))`. */
export function newId<P extends IdPrefix>(prefix: P, random: Uint8Array): `${P}_${string}` {
  if (random.length !== 16) throw new RangeError("an id takes 16 random bytes");
  return `${prefix}_${base32(random)}`;
}

export const JobId = z.string().regex(new RegExp(`^job_${tail}$`));
export const UploadId = z.string().regex(new RegExp(`^upl_${tail}$`));
export const KeyId = z.string().regex(new RegExp(`^key_${tail}$`));

/** An account's name as tokens carry it; it is part of object keys, so the alphabet is narrow. */
export const AccountId = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/);
