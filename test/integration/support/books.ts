// A database with accounts, and the verbs that make and end their jobs: what quota and ledger are about, without engines.
import { randomBytes } from "node:crypto";
import { eq } from "drizzle-orm";
import type { Principal } from "#contract/assertion.ts";
import { type IdPrefix, newId } from "#contract/ids.ts";
import type { JobOrder } from "#contract/jobs.ts";
import type { LimitOverrides, TierName } from "#contract/tiers.ts";
import { uploadKey } from "#contract/uploads.ts";
import { type Database, type OpenDatabase, openDatabase } from "#origin/db/database.ts";
import { accounts, ledger, usagePeriods } from "#origin/db/schema.ts";
import { createJob } from "#origin/jobs/create-job.ts";
import { type Attempt, type JobStore, jobStore } from "#origin/jobs/store.ts";
import { type LaneLoads, laneLoads } from "#origin/queue/fair/lane-loads.ts";
import { type DatabaseKind as BookKind, databaseKinds as bookKinds, freshDatabase } from "./fresh-database.ts";

export { type BookKind, bookKinds };
export const optionsKey = randomBytes(32);

export const drawn = <P extends IdPrefix>(prefix: P) => newId(prefix, randomBytes(16));

export const principalOf = (account: string, changes: Partial<Principal> = {}): Principal => ({
  account,
  tier: "free",
  subject: "ann",
  scopes: ["jobs:write", "jobs:read"],
  livemode: true,
  ...changes,
});

export type OrderChanges = {
  id?: JobOrder["id"];
  size?: number;
  step?: JobOrder["steps"][number];
  upload?: string;
  filename?: string;
  expires_in?: number;
};

export function orderOf(account: string, changes: OrderChanges = {}): JobOrder {
  const { id = drawn("job"), size = 1_000, step, upload = drawn("upl"), filename = "a.pdf", expires_in } = changes;
  const input = { upload, key: uploadKey(account, upload), etag: '"e"', size, content_type: "application/octet-stream", filename };
  return {
    id,
    inputs: [input],
    steps: [step ?? { operation: "pdf.to-text", options: { layout: "reading" } }],
    ...(expires_in !== undefined && { expires_in }),
  };
}

export type Books = Awaited<ReturnType<typeof openBooks>>;

export async function openBooks(kind: BookKind) {
  const fresh = await freshDatabase(kind);
  const open = (): Promise<OpenDatabase> => openDatabase({ ...fresh, onError: () => {} });
  const database = await open();
  const { db } = database;
  const store = jobStore(db);

  const books = {
    db,
    lanes: laneLoads({ jobsMax: 10_000, waitMaxMs: 86_400_000 }, { freshMs: 0 }),
    store,
    url: fresh.url,
    /** A new account with what its contract changes of its tier. */
    async account(limitOverrides: LimitOverrides = {}, tier: TierName = "free"): Promise<string> {
      const id = `acct-${randomBytes(5).toString("hex")}`;
      await db.insert(accounts).values({ id, name: id, slug: id, tier, limitOverrides: { jobs_running_max: 100, ...limitOverrides } });
      return id;
    },
    create: (
      account: string,
      changes: OrderChanges & { principal?: Partial<Principal>; db?: Database; now?: Date; lanes?: LaneLoads } = {},
    ) =>
      (changes.db ?? db).transaction((tx) =>
        createJob(
          { db: tx, optionsKey, lanes: changes.lanes ?? books.lanes, now: changes.now ?? new Date() },
          principalOf(account, changes.principal),
          orderOf(account, changes),
        ),
      ),
    /** The job in a worker's hands. */
    async running(id: string): Promise<Attempt> {
      for (const attempt of await store.enterWindow("light", 1_000)) await store.claim(attempt);
      const attempt = (await store.abandoned(-60_000)).find((row) => row.id === id);
      if (!attempt) throw new Error(`${id} does not run`);
      return { id, attempt: attempt.attempt };
    },
    async end(attempt: Attempt, state: "succeeded" | "failed" | "canceled"): Promise<boolean> {
      return store.leaveRunning(attempt, { state, finishedAt: new Date() });
    },
    async period(account: string) {
      const [row, more] = await db.select().from(usagePeriods).where(eq(usagePeriods.account, account));
      if (more) throw new Error("more than one period");
      return row;
    },
    ledger: (account: string) => db.select().from(ledger).where(eq(ledger.account, account)).orderBy(ledger.seq),
    another: open,
    async stop() {
      await database.close();
      await fresh.stop();
    },
  };
  return books satisfies { store: JobStore };
}
