import { deleteFiles, type FilesNeeds } from "./delete-files.ts";
import { retentionStore } from "./store.ts";

/** Deletes the files of so many jobs at most whose time is over; any number of processes may. Answers how many jobs it took. */
export async function deleteDueFiles(needs: FilesNeeds & { now: Date; jobsMax: number }): Promise<number> {
  const due = await retentionStore(needs.db).takeDue(needs.now, needs.jobsMax);
  const faults: unknown[] = [];
  // One that fails does not keep the others; it is tried again when its lease is over.
  for (const job of due) await deleteFiles(needs, job).catch((fault: unknown) => faults.push(fault));
  if (faults.length > 0) throw new AggregateError(faults, `the files of ${faults.length} of ${due.length} jobs were not deleted`);
  return due.length;
}
