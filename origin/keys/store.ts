// The SQL of API keys.
import { and, count, desc, eq, gt, isNull, or, type SQL, sql } from "drizzle-orm";
import type { Principal } from "#contract/assertion.ts";
import type { Database } from "../db/database.ts";
import { type ApiKeyRow, apiKeys } from "../db/schema.ts";

/** How long keys that hold no more stay listed. */
const listedDays = 30;
const listedMax = 1_000;

/** By this process's clock, which sets the expiries too. */
const holds = () => and(isNull(apiKeys.revokedAt), or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, new Date())));
const listed = (ended: SQL | typeof apiKeys.expiresAt | typeof apiKeys.revokedAt) =>
  sql`coalesce(${ended}, now()) > now() - make_interval(days => ${listedDays})`;

/** The account's keys that the caller may see: test credentials see test keys. */
const visibleTo = ({ account, livemode }: Pick<Principal, "account" | "livemode">) =>
  and(eq(apiKeys.account, account), livemode ? undefined : eq(apiKeys.livemode, false));

export async function countGoodKeys(db: Database, account: string): Promise<number> {
  const [found] = await db
    .select({ keys: count() })
    .from(apiKeys)
    .where(and(eq(apiKeys.account, account), holds()));
  return found?.keys ?? 0;
}

export const listedKeys = (db: Database, principal: Principal): Promise<ApiKeyRow[]> =>
  db
    .select()
    .from(apiKeys)
    .where(and(visibleTo(principal), listed(apiKeys.revokedAt), listed(apiKeys.expiresAt)))
    .orderBy(desc(apiKeys.seq))
    .limit(listedMax);

export async function findKey(db: Database, principal: Principal, id: string): Promise<ApiKeyRow | undefined> {
  const [row] = await db
    .select()
    .from(apiKeys)
    .where(and(visibleTo(principal), eq(apiKeys.id, id)));
  return row;
}

export async function findGoodKey(db: Database, principal: Principal, id: string): Promise<ApiKeyRow | undefined> {
  const [row] = await db
    .select()
    .from(apiKeys)
    .where(and(visibleTo(principal), eq(apiKeys.id, id), holds()));
  return row;
}

export async function changeKey(
  db: Database,
  id: string,
  change: Partial<Pick<ApiKeyRow, "revokedAt" | "expiresAt" | "replacedBy">>,
): Promise<ApiKeyRow> {
  const [row] = await db.update(apiKeys).set(change).where(eq(apiKeys.id, id)).returning();
  if (!row) throw new Error(`the key ${id} is gone`);
  return row;
}
