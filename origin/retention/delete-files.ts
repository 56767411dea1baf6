import { uploadKey } from "#contract/uploads.ts";
import type { Database } from "../db/database.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import { removeAll } from "../storage/remove-all.ts";
import { keptByOther } from "../uploads/uses.ts";
import { type DueJob, retentionStore } from "./store.ts";

export type FilesNeeds = { db: Database; objects: Pick<ObjectStore, "list" | "remove"> };

/** Deletes an ended job's files: results of whatever attempt, and the inputs that no other job has. What fails with `storage-unavailable` may be repeated. */
export async function deleteFiles({ db, objects }: FilesNeeds, job: DueJob): Promise<void> {
  const { id, account, inputs } = job;
  await removeAll(objects, { bucket: "results", prefix: `${account}/${id}/` });
  for (const upload of new Set(inputs.map((input) => input.upload))) {
    if (!(await keptByOther(db, job, upload))) await objects.remove({ bucket: "uploads", key: uploadKey(account, upload) });
  }
  await retentionStore(db).noteDeleted(id);
}
