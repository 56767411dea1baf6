// Which key signs our tokens, and which are published. A key is published a while before it signs and a while after it signed, so that no
// cached key set misses one.
import { symmetricDecrypt } from "better-auth/crypto";
import { createJwk, type JwtOptions } from "better-auth/plugins";
import { asc, lt } from "drizzle-orm";
import type { JWK } from "jose";
import type { Database } from "../db/database.ts";
import { jwks } from "../db/schema.ts";

export type KeyTimes = {
  /** How long one key signs. */
  rotationMs: number;
  /** How long before its turn the next one is made. */
  leadMs: number;
  /** How long a key is published after its turn: longer than tokens live and key sets are cached. */
  graceMs: number;
};

const dayMs = 86_400_000;
export const keyTimes = (rotationDays: number): KeyTimes => ({ rotationMs: rotationDays * dayMs, leadMs: dayMs / 2, graceMs: dayMs });

/** better-auth's context, as its functions want it. */
export type AuthContext = Parameters<typeof createJwk>[0];
type JwkRow = typeof jwks.$inferSelect;
type Needs = { db: Database; context: AuthContext; jwt: JwtOptions; times: KeyTimes };

/** The id of the key whose turn it is. Makes the first one, and each next one in time. */
export async function signingKey({ db, context, jwt, times }: Needs): Promise<string> {
  const at = Date.now();
  const endOfTurn = ({ createdAt }: { createdAt: Date }) => createdAt.getTime() + times.rotationMs;
  const inTurn: JwkRow[] = [];
  for (const key of await rows(db)) if (endOfTurn(key) > at && (await opens(context, key))) inTurn.push(key);
  const [signer] = inTurn;
  const newest = inTurn.at(-1);
  if (signer && newest && endOfTurn(newest) - at > times.leadMs) return signer.id;

  await db.delete(jwks).where(lt(jwks.createdAt, new Date(at - times.rotationMs - times.graceMs)));
  const next = await createJwk(context, jwt);
  return signer?.id ?? next.id;
}

/** The set to publish (RFC 7517). */
export async function publishedKeys({ db, times }: Pick<Needs, "db" | "times">): Promise<{ keys: JWK[] }> {
  const at = Date.now();
  const published = (await rows(db)).filter(({ createdAt }) => createdAt.getTime() + times.rotationMs + times.graceMs > at);
  return { keys: published.map(({ id, publicKey, alg }) => ({ ...publicMembers(publicKey), kid: id, alg: alg ?? "ES256", use: "sig" })) };
}

/** Oldest first: of several keys in turn the oldest signs, so that two processes that make one at once do no harm. */
const rows = (db: Database) => db.select().from(jwks).orderBy(asc(jwks.createdAt), asc(jwks.id));

/** A key that was sealed with an AUTH_SECRET of before verifies what it signed, and signs no more. */
const opens = ({ context }: AuthContext, { privateKey }: JwkRow): Promise<boolean> =>
  symmetricDecrypt({ key: context.secretConfig, data: JSON.parse(privateKey) }).then(
    () => true,
    () => false,
  );

function publicMembers(json: string): JWK {
  const { kty, crv, x, y }: JWK = JSON.parse(json);
  return { ...(kty && { kty }), ...(crv && { crv }), ...(x && { x }), ...(y && { y }) };
}
