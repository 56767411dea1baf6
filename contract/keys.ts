// API keys: `tc_live_{account}_{secret}{checksum}`. The account is in the key, so that the edge knows whom to ask; the checksum lets secret
// scanners spot keys, and refuses junk without a look-up. Only a digest is ever stored.
import { z } from "zod";
import { AccountId, base32, KeyId } from "./ids.ts";
import { Scope } from "./scopes.ts";

const secretBytes = 20;
const pattern = /^tc_(live|test)_([a-z0-9][a-z0-9_-]{0,62})_([a-z2-7]{32})([a-z2-7]{7})$/;

/** Makes a key from 20 random bytes, which the caller draws. */
export function makeKey({ account, livemode }: { account: string; livemode: boolean }, random: Uint8Array): string {
  if (random.length !== secretBytes) throw new RangeError("a key takes 20 random bytes");
  const start = `tc_${livemode ? "live" : "test"}_${AccountId.parse(account)}_${base32(random)}`;
  return start + checksum(start);
}

/** The account that a key names; undefined for what is no key. Whether the key is good is the account's to say. */
export function parseKey(key: string): { account: string; livemode: boolean } | undefined {
  const [, mode, account, , sum] = pattern.exec(key) ?? [];
  if (account === undefined || sum === undefined || sum !== checksum(key.slice(0, -sum.length))) return undefined;
  return { account, livemode: mode === "live" };
}

/** CRC-32 (ISO 3309) of ASCII text, in base 32. */
function checksum(text: string): string {
  let crc = 0xffffffff;
  for (let index = 0; index < text.length; index++) {
    crc ^= text.charCodeAt(index);
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  const value = ~crc >>> 0;
  return base32(Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value));
}

/** One address or a range: `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`. */
export const AddressRange = z
  .union([z.ipv4().meta({ format: "ipv4" }), z.ipv6().meta({ format: "ipv6" }), z.cidrv4(), z.cidrv6()])
  .meta({ id: "AddressRange" });

export const keysPerAccountMax = 100;

export const KeyRequest = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    livemode: z.boolean().optional().meta({
      description: "false makes a test key: real conversions, small files, free of charge. Without it as the credential that asks.",
    }),
    scopes: z
      .array(Scope)
      .min(1)
      .transform((list) => [...new Set(list)]),
    expires_in_seconds: z
      .int()
      .min(60)
      .max(10 * 365 * 86_400)
      .optional()
      .meta({ description: "Without it the key holds until it is revoked." }),
    allowed_addresses: z
      .array(AddressRange)
      .max(50)
      .default([])
      .meta({ description: "Only from here; empty: from everywhere that the key which asks may be used from." }),
  })
  .meta({ id: "KeyRequest" });
export type KeyRequest = z.infer<typeof KeyRequest>;

export const ApiKey = z
  .object({
    id: KeyId,
    name: z.string(),
    hint: z.string().meta({ description: "Start and end of the key.", examples: ["tc_live_acme_…k3x7"] }),
    livemode: z.boolean(),
    scopes: z.array(Scope),
    allowed_addresses: z.array(AddressRange),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime().optional(),
    revoked_at: z.iso.datetime().optional(),
    last_used_at: z.iso.datetime().optional().meta({ description: "To the minute." }),
    last_used_address: z.string().optional(),
    replaced_by: KeyId.optional().meta({ description: "The key that a roll made; this one holds until `expires_at`." }),
  })
  .meta({ id: "ApiKey" });
export type ApiKey = z.infer<typeof ApiKey>;

export const NewApiKey = ApiKey.extend({ key: z.string().meta({ description: "The key itself. It is shown this once." }) }).meta({
  id: "NewApiKey",
});
export type NewApiKey = z.infer<typeof NewApiKey>;

export const KeyRoll = z
  .strictObject({
    keep_seconds: z
      .int()
      .min(0)
      .max(7 * 86_400)
      .default(86_400)
      .meta({ description: "How long the old key goes on to hold." }),
  })
  .meta({ id: "KeyRoll" });
export type KeyRoll = z.infer<typeof KeyRoll>;
