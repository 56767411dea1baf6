import { parseKey } from "#contract/keys.ts";
import { Problem } from "#contract/problems.ts";
import type { Credential } from "../accounts/identify.ts";
import { sha256Hex } from "../assert.ts";
import type { Env } from "../env.ts";
import { bearerCredential } from "./bearer.ts";
import { tokenVerifier } from "./verify-token.ts";

const keyStart = "tc_";

/** Reads an `Authorization` header. Junk ends here; whether a key holds is its account's to say. */
export function credentialReader(env: Env): (header: string | undefined, now: Date) => Promise<Credential> {
  const verify = tokenVerifier(env);
  return async (header, now) => {
    const text = bearerCredential(header);
    if (!text.startsWith(keyStart)) return verify(text, now);
    const key = parseKey(text);
    if (!key) throw new Problem("key-invalid", undefined, { cause: "not of the form of a key" });
    return { kind: "key", account: key.account, digest: await sha256Hex(text) };
  };
}
