// The end of an account: at once nobody can use it any more; then its bytes go, then its jobs. What was interrupted is finished later.
import { createHash } from "node:crypto";
import { and, count, eq, inArray, isNotNull, sql } from "drizzle-orm";
import type { DeletionReceipt } from "#contract/account-data.ts";
import type { JobState } from "#contract/jobs.ts";
import { Problem } from "#contract/problems.ts";
import { bumpVersion } from "../accounts/bump-version.ts";
import { lockAccount } from "../accounts/lock-account.ts";
import { type Doer, record } from "../audit/record.ts";
import type { Database } from "../db/database.ts";
import { accounts, apiKeys, idempotentAnswers, inState, invitations, jobs, members, sessions, users } from "../db/schema.ts";
import { jobStore } from "../jobs/store.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import { removeAll } from "../storage/remove-all.ts";

export type DeletionNeeds = {
  db: Database;
  objects: Pick<ObjectStore, "list" | "remove">;
  forgetSessions(tokens: readonly string[]): Promise<void>;
};
/** Is told of every job that it ended, once that is certain. */
export type EndingNeeds = { jobEnded(state: JobState): void };
type Closed = Pick<DeletionReceipt["removed"], "keys" | "members" | "people" | "invitations">;

/** In `accounts.metadata`, until everything is gone. */
const erasing = "erasing";
const kept = ["ledger", "usage", "audit log"];

/** Who may do it has been asked before. Problems: `account-not-found`, `account-busy`, `storage-unavailable` (then it is finished later). */
export async function deleteAccount(needs: DeletionNeeds & EndingNeeds, doer: Doer, account: string): Promise<DeletionReceipt> {
  const { closed, tokens, canceled } = await needs.db.transaction((tx) => close(tx, doer, account));
  for (const _ of canceled) needs.jobEnded("canceled");
  await needs.forgetSessions(tokens);
  return erase(needs, doer, account, closed);
}

/** Goes on with deletions that a crash or the object store interrupted. */
export async function finishDeletions(needs: Omit<DeletionNeeds, "forgetSessions">): Promise<number> {
  const { db } = needs;
  const left = await db
    .select({ id: accounts.id })
    .from(accounts)
    .where(and(isNotNull(accounts.deletedAt), eq(accounts.metadata, erasing)));
  for (const { id } of left) await erase(needs, "system", id, { keys: 0, members: 0, people: 0, invitations: 0 });
  return left.length;
}

async function close(db: Database, doer: Doer, account: string): Promise<{ closed: Closed; tokens: string[]; canceled: string[] }> {
  await lockAccount(db, account);
  const canceled = await jobStore(db).cancelQueued(account);
  const [running] = await db
    .select({ count: count() })
    .from(jobs)
    .where(and(eq(jobs.account, account), inState("running")));
  if (running && running.count > 0) throw new Problem("account-busy", `${running.count} jobs are running.`, { retryAfterSeconds: 30 });

  const keys = await db.delete(apiKeys).where(eq(apiKeys.account, account)).returning({ id: apiKeys.id });
  const invited = await db.delete(invitations).where(eq(invitations.organizationId, account)).returning({ id: invitations.id });
  const gone = await db.delete(members).where(eq(members.organizationId, account)).returning({ userId: members.userId });
  await db.delete(idempotentAnswers).where(eq(idempotentAnswers.account, account));
  const { people, tokens } = await removePeople(
    db,
    gone.map(({ userId }) => userId),
  );
  await db
    .update(accounts)
    .set({ name: "", slug: account, logo: null, metadata: erasing, suspendedReason: null, deletedAt: sql`now()` })
    .where(eq(accounts.id, account));
  await bumpVersion(db, { account });
  const closed = { keys: keys.length, members: gone.length, people, invitations: invited.length };
  await record(db, doer, { action: "account.delete", target: account, account, after: closed });
  return { closed, tokens, canceled };
}

/** Those who belong nowhere any more. Who operates the service stays. */
async function removePeople(db: Database, ids: string[]): Promise<{ people: number; tokens: string[] }> {
  if (ids.length === 0) return { people: 0, tokens: [] };
  const elsewhere = db.select({ id: members.userId }).from(members).where(inArray(members.userId, ids));
  const lonely = and(inArray(users.id, ids), eq(users.administrator, false), sql`${users.id} not in ${elsewhere}`);
  const tokens = await db
    .delete(sessions)
    .where(inArray(sessions.userId, db.select({ id: users.id }).from(users).where(lonely)))
    .returning({ token: sessions.token });
  const people = await db.delete(users).where(lonely).returning({ id: users.id });
  return { people: people.length, tokens: tokens.map(({ token }) => token) };
}

async function erase(
  { db, objects }: Omit<DeletionNeeds, "forgetSessions">,
  doer: Doer,
  account: string,
  closed: Closed,
): Promise<DeletionReceipt> {
  // Its id is the first part of its objects' keys.
  const uploads = await removeAll(objects, { bucket: "uploads", prefix: `${account}/` });
  const results = await removeAll(objects, { bucket: "results", prefix: `${account}/` });
  return db.transaction(async (tx) => {
    const removed = await tx.delete(jobs).where(eq(jobs.account, account)).returning({ id: jobs.id });
    const [row] = await tx.update(accounts).set({ metadata: null }).where(eq(accounts.id, account)).returning();
    const deleted = {
      account,
      deleted_at: (row?.deletedAt ?? new Date()).toISOString(),
      removed: { uploads, results, jobs: removed.length, ...closed },
      kept,
    };
    const receipt = { ...deleted, digest: digestOf(deleted) };
    await record(tx, doer, { action: "account.erase", target: account, account, after: receipt });
    return receipt;
  });
}

/** SHA-256 of the value as JSON with sorted names. */
export function digestOf(value: unknown): string {
  const sorted = (_: string, item: unknown) =>
    item !== null && typeof item === "object" && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : item;
  return createHash("sha256").update(JSON.stringify(value, sorted)).digest("hex");
}
