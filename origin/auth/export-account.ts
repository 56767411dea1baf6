import { and, asc, eq, gt, sql, sum } from "drizzle-orm";
import { AccountExport } from "#contract/account-data.ts";
import type { Principal } from "#contract/assertion.ts";
import { Problem } from "#contract/problems.ts";
import type { Database } from "../db/database.ts";
import { accounts, apiKeys, invitations, jobs, ledger, members, users } from "../db/schema.ts";
import { jobRecord } from "../jobs/job-record.ts";
import { keyRecord } from "../keys/key-record.ts";
import { requireOwner } from "./account-owner.ts";
import { rolesOf } from "./roles.ts";

type Needs = { db: Database; now: Date };

const jobsAtOnce = 500;

/** Everything but the files, as the text of one JSON document; the jobs come piece by piece. */
export async function exportAccount({ db, now }: Needs, principal: Principal): Promise<AsyncGenerator<string>> {
  await requireOwner(db, principal);
  const { account } = principal;
  const [row] = await db.select().from(accounts).where(eq(accounts.id, account));
  if (!row || row.deletedAt) throw new Problem("account-not-found");
  const known = AccountExport.omit({ jobs: true }).parse({
    account: { id: row.id, name: row.name, tier: row.tier, created_at: row.createdAt.toISOString() },
    exported_at: now.toISOString(),
    people: await people(db, account),
    invitations: (
      await db.select().from(invitations).where(eq(invitations.organizationId, account)).orderBy(asc(invitations.createdAt))
    ).map(({ email, role, status, createdAt }) => ({ email, role: role ?? "", status, created_at: createdAt.toISOString() })),
    keys: (await db.select().from(apiKeys).where(eq(apiKeys.account, account)).orderBy(asc(apiKeys.seq))).map(keyRecord),
    usage: await usage(db, account),
  } satisfies Omit<AccountExport, "jobs">);
  return document(db, account, JSON.stringify(known));
}

async function* document(db: Database, account: string, known: string): AsyncGenerator<string> {
  yield `${known.slice(0, -1)},"jobs":[`;
  for (let after = -1, written = 0; ; ) {
    const page = await db
      .select()
      .from(jobs)
      .where(and(eq(jobs.account, account), gt(jobs.seq, after)))
      .orderBy(asc(jobs.seq))
      .limit(jobsAtOnce);
    for (const job of page) yield `${written++ > 0 ? "," : ""}${JSON.stringify(jobRecord(job))}`;
    const last = page.at(-1);
    if (!last || page.length < jobsAtOnce) break;
    after = last.seq;
  }
  yield "]}";
}

async function people(db: Database, account: string): Promise<AccountExport["people"]> {
  const rows = await db
    .select({
      id: users.id,
      name: users.name,
      email: users.email,
      verified: users.emailVerified,
      role: members.role,
      since: members.createdAt,
    })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(eq(members.organizationId, account))
    .orderBy(asc(members.createdAt));
  return rows.map(({ id, name, email, verified, role, since }) => ({
    id,
    name,
    email,
    roles: rolesOf(role),
    since: since.toISOString(),
    email_verified: verified,
  }));
}

async function usage(db: Database, account: string): Promise<AccountExport["usage"]> {
  const rows = await db
    .select({
      day: sql<string>`to_char(${ledger.at} at time zone 'UTC', 'YYYY-MM-DD')`,
      operation: ledger.operation,
      conversions: sum(ledger.conversions),
      input_bytes: sum(ledger.inputBytes),
      pages: sum(ledger.pages),
      ocr_pages: sum(ledger.ocrPages),
    })
    .from(ledger)
    .where(eq(ledger.account, account))
    .groupBy(sql`1`, ledger.operation)
    .orderBy(sql`1`, asc(ledger.operation));
  return rows.map(({ day, operation, ...sums }) => ({
    day,
    operation,
    conversions: Number(sums.conversions),
    input_bytes: Number(sums.input_bytes),
    pages: Number(sums.pages),
    ocr_pages: Number(sums.ocr_pages),
  }));
}
