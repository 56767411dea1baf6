// Objects that no row knows: uploads that no job came for, and what crashes left of results.
import type { Database } from "../db/database.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import { retentionStore } from "./store.ts";

type Needs = { db: Database; objects: Pick<ObjectStore, "page" | "remove"> };
type Bucket = "uploads" | "results";

/** So old is an orphan before it goes: younger ones may be on their way to a job. */
const ageMsMin = 3_600_000;
/** As many as an object store lists at once. */
const pageSize = 1_000;
/** The embedded database does nothing else meanwhile. */
const askedAtOnce = 50;
/** Other keys are not ours to judge. */
const shapes: Record<Bucket, RegExp> = { uploads: /^[^/]+\/upl_[^/]+$/, results: /^[^/]+\/job_[^/]+\/\d{1,9}\/\d+$/ };

/** A turn looks at one page of each bucket, and the next goes on behind it; a round looks at all that is left of them. Both answer how many went. */
export type OrphanSweep = { turn(now: Date): Promise<number>; round(now: Date): Promise<number> };

export function orphanSweep({ db, objects }: Needs): OrphanSweep {
  const store = retentionStore(db);
  const without = { uploads: store.unusedUploads, results: store.unclaimedResults };
  const after: Record<Bucket, string | undefined> = { uploads: undefined, results: undefined };

  async function turn(bucket: Bucket, now: Date): Promise<number> {
    const page = await objects.page({ bucket, after: after[bucket] });
    after[bucket] = page.length < pageSize ? undefined : page.at(-1)?.key;
    const old = page.filter(({ key, storedAt }) => shapes[bucket].test(key) && now.getTime() - storedAt.getTime() >= ageMsMin);
    let removed = 0;
    for (let at = 0; at < old.length; at += askedAtOnce) {
      const orphans = await without[bucket](old.slice(at, at + askedAtOnce).map(({ key }) => key));
      for (const key of orphans) await objects.remove({ bucket, key });
      removed += orphans.length;
    }
    return removed;
  }

  async function round(bucket: Bucket, now: Date): Promise<number> {
    let removed = 0;
    do removed += await turn(bucket, now);
    while (after[bucket] !== undefined);
    return removed;
  }

  return {
    turn: async (now) => (await turn("uploads", now)) + (await turn("results", now)),
    round: async (now) => (await round("uploads", now)) + (await round("results", now)),
  };
}
