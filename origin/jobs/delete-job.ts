import type { Principal } from "#contract/assertion.ts";
import type { Job } from "#contract/jobs.ts";
import { Problem } from "#contract/problems.ts";
import type { JobRow } from "../db/schema.ts";
import { deleteFiles, type FilesNeeds } from "../retention/delete-files.ts";
import { retentionStore } from "../retention/store.ts";
import { cancelJob } from "./cancel-job.ts";
import { jobRecord } from "./job-record.ts";
import { jobStore } from "./store.ts";

type Needs = FilesNeeds & { tellEnd(row: JobRow): void };

/**
 * Cancels a job unless it has ended, and deletes its files. From the first write on nobody is given them;
 * what the object store refuses to delete now is deleted by the sweep.
 */
export async function deleteJob(needs: Needs, owner: Pick<Principal, "account" | "livemode">, id: string): Promise<Job> {
  const store = jobStore(needs.db);
  const { row, canceled } = await cancelJob({ store }, owner, id);
  if (canceled) needs.tellEnd(row);
  const due = await retentionStore(needs.db).expireNow(id);
  if (due) await deleteFiles(needs, due);
  const deleted = await store.find(owner, id);
  if (!deleted) throw new Problem("job-not-found");
  return jobRecord(deleted);
}
