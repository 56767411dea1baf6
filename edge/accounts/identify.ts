import type { AccountSnapshot } from "#contract/accounts.ts";
import type { Principal } from "#contract/assertion.ts";
import type { ProblemCode } from "#contract/problems.ts";
import type { Scope } from "#contract/scopes.ts";
import { inRanges } from "../limits/addresses.ts";

/** What a request shows of itself: an API key by its digest, or what a verified token says. */
export type Credential =
  | { kind: "key"; account: string; digest: string }
  | {
      kind: "token";
      account: string;
      subject: string;
      scopes: Scope[];
      livemode: boolean;
      /** The API key that asked for the token, which must still hold. */
      key?: string | undefined;
    };

/** A refusal as plain data, because a Problem does not survive the way out of a Durable Object. `cause` is for the log. */
export type Refusal = { code: ProblemCode; detail?: string; policy?: string; retryAfterSeconds?: number; cause?: string };

export type Identity = { principal: Principal } | { refusal: Refusal };

const invalid = ({ kind }: Credential, cause: string): Identity => ({
  refusal: { code: kind === "key" ? "key-invalid" : "token-invalid", cause },
});

/** The snapshot's key that the credential is, or was made from; undefined for tokens without one, null when it is gone. */
export function keyOf({ keys }: AccountSnapshot, credential: Credential): AccountSnapshot["keys"][number] | undefined | null {
  if (credential.kind === "key") return keys.find(({ digest }) => digest === credential.digest) ?? null;
  if (credential.key === undefined) return undefined;
  return keys.find(({ id }) => id === credential.key) ?? null;
}

/** Who a credential is, in an account as the snapshot has it. */
export function identify(snapshot: AccountSnapshot, credential: Credential, address: string, now: number): Identity {
  const key = keyOf(snapshot, credential);
  if (key === null) return invalid(credential, "the account has no such key");
  if (key?.expires_at !== undefined && Date.parse(key.expires_at) <= now) return invalid(credential, "the key has expired");
  if (key !== undefined && key.allowed_addresses.length > 0 && !inRanges(address, key.allowed_addresses))
    return { refusal: { code: "address-not-allowed", cause: `key ${key.id}` } };
  const { account, tier } = snapshot;
  if (credential.kind === "token") {
    const { subject, scopes, livemode } = credential;
    return { principal: { account, tier, subject, scopes, livemode, ...(key && { key: key.id }) } };
  }
  if (!key) return invalid(credential, "the account has no such key");
  return { principal: { account, tier, subject: key.id, scopes: key.scopes, livemode: key.livemode, key: key.id } };
}
