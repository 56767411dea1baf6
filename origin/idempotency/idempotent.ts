// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): the effect and the stored answer are one transaction, so whatever dies, both are there or neither.
import { and, eq, gt, lt, sql } from "drizzle-orm";
import type { Principal } from "#contract/assertion.ts";
import { idempotencyKeptHours } from "#contract/idempotency.ts";
import { Problem } from "#contract/problems.ts";
import type { Database } from "../db/database.ts";
import { idempotentAnswers } from "../db/schema.ts";
import { type SealingKey, seal, unseal } from "../seal.ts";
import { fingerprint } from "./fingerprint.ts";
import { inTurn } from "./in-turn.ts";

export type IdempotencyNeeds = { db: Database; optionsKey: SealingKey };

/** One request. `route` is the path's template, `payload` all that it asks for, without secrets; without `key` every request is a new one. */
export type Repeatable = {
  principal: Pick<Principal, "account" | "livemode">;
  method: string;
  route: string;
  key: string | undefined;
  payload: unknown;
};
export type Answer = { status: number; body: unknown };
/** `afterwards` runs once the effect is committed, before the answer, and never for a repeat. */
export type EffectAnswer = Answer & { afterwards?: () => void | Promise<void> };

/** A repeat waits so long for the first request's end. */
const patienceMs = 2_000;
const lockNotAvailable = "55P03";
const keptSince = sql`now() - make_interval(hours => ${idempotencyKeptHours})`;

/**
 * Has the effect happen once per key, and answers every repeat as the first time. What the effect throws undoes all of it, and is not kept.
 * The effect must use the transaction it is given and no other connection: the embedded database has only one.
 */
export async function idempotent(
  needs: IdempotencyNeeds,
  request: Repeatable,
  effect: (db: Database) => Promise<EffectAnswer>,
): Promise<Answer & { replayed: boolean }> {
  const { key } = request;
  const once = (tx: Database) => (key === undefined ? effect(tx) : effectOrAnswer({ ...needs, db: tx }, { ...request, key }, effect));
  const { status, body, ...outcome } = await inTurn(request.principal.account, () => needs.db.transaction(once));
  if ("replayed" in outcome) return { status, body, replayed: true };
  await outcome.afterwards?.();
  return { status, body, replayed: false };
}

type Kept = Answer & { replayed: true };
type Keyed = Repeatable & { key: string };

/** The kept answer to a request like this; undefined when there was none. */
export async function keptAnswer({ db, optionsKey }: IdempotencyNeeds, request: Keyed): Promise<Kept | undefined> {
  const [row] = await db
    .select()
    .from(idempotentAnswers)
    .where(and(sameRequest(request), gt(idempotentAnswers.createdAt, keptSince)));
  if (!row) return undefined;
  if (row.fingerprint !== fingerprint(request.payload)) throw new Problem("idempotency-mismatch");
  return { status: row.status, body: JSON.parse(unseal(optionsKey, boundTo(request), row.answer)), replayed: true };
}

/** Deletes what is no longer kept. */
export async function forgetAnswers(db: Database): Promise<void> {
  await db.delete(idempotentAnswers).where(lt(idempotentAnswers.createdAt, keptSince));
}

async function effectOrAnswer(
  needs: IdempotencyNeeds,
  request: Keyed,
  effect: (db: Database) => Promise<EffectAnswer>,
): Promise<EffectAnswer | Kept> {
  const { db, optionsKey } = needs;
  for (;;) {
    if (await take(db, request)) {
      const answer = await effect(db);
      const sealed = seal(optionsKey, boundTo(request), JSON.stringify(answer.body));
      await db.update(idempotentAnswers).set({ status: answer.status, answer: sealed }).where(sameRequest(request));
      return answer;
    }
    const kept = await keptAnswer(needs, request);
    // Undefined when the answer was forgotten in this moment.
    if (kept) return kept;
  }
}

/** Makes the row of the key this transaction's; false when it is another's, whose end it waits for. */
async function take(db: Database, { principal: { account, livemode }, method, route, key, payload }: Keyed): Promise<boolean> {
  const row = { fingerprint: fingerprint(payload), status: 0, answer: "", createdAt: sql`now()` };
  await db.execute(sql`select set_config('lock_timeout', ${`${patienceMs}`}, true)`);
  const taken = await db
    .insert(idempotentAnswers)
    .values({ account, livemode, method, route, key, ...row })
    .onConflictDoUpdate({
      target: [
        idempotentAnswers.account,
        idempotentAnswers.livemode,
        idempotentAnswers.method,
        idempotentAnswers.route,
        idempotentAnswers.key,
      ],
      set: row,
      setWhere: sql`${idempotentAnswers.createdAt} <= ${keptSince}`,
    })
    .returning({ key: idempotentAnswers.key })
    .catch((error: Error & { cause?: { code?: unknown } }) => {
      if (error.cause?.code !== lockNotAvailable) throw error;
      throw new Problem("idempotency-in-flight", undefined, { cause: error, retryAfterSeconds: 1 });
    });
  await db.execute(sql`select set_config('lock_timeout', '0', true)`);
  return taken.length === 1;
}

const sameRequest = ({ principal: { account, livemode }, method, route, key }: Keyed) =>
  and(
    eq(idempotentAnswers.account, account),
    eq(idempotentAnswers.livemode, livemode),
    eq(idempotentAnswers.method, method),
    eq(idempotentAnswers.route, route),
    eq(idempotentAnswers.key, key),
  );

const boundTo = ({ principal: { account, livemode }, method, route, key }: Keyed): string =>
  JSON.stringify([account, livemode, method, route, key]);
