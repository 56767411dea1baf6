// What the processes do by themselves now and then, all of it at once: for an operator who wants it done, or wants to know what there is.
import { parseArgs } from "node:util";
import { finishDeletions } from "../auth/delete-account.ts";
import { forgetExpired } from "../auth/forget-expired.ts";
import { forgetAnswers } from "../idempotency/idempotent.ts";
import { quarantineStore } from "../quarantine/store.ts";
import { deleteDueFiles } from "../retention/delete-due-files.ts";
import { orphanSweep } from "../retention/delete-orphans.ts";
import { retentionStore } from "../retention/store.ts";
import type { OperatorNeeds, OperatorVerb } from "./verb.ts";

const jobsMax = 50;

export const cleanUp: OperatorVerb = async ({ db, objects }, args) => {
  const { values } = parseArgs({ args, options: { "dry-run": { type: "boolean", default: false } } });
  const now = new Date();
  if (values["dry-run"]) {
    const orphans = await orphanSweep({ db, objects: { page: objects.page, remove: async () => {} } }).round(now);
    console.log(`The files of ${await retentionStore(db).countDue(now)} jobs are due; ${orphans} objects belong to no job.`);
    return 0;
  }
  const jobs = await allDue({ db, objects }, now);
  const orphans = await orphanSweep({ db, objects }).round(now);
  await quarantineStore(db).forgetExpired();
  await forgetAnswers(db);
  await forgetExpired(db);
  const accounts = await finishDeletions({ db, objects });
  console.log(
    `Deleted the files of ${jobs} jobs, ${orphans} objects of no job, what was left of ${accounts} accounts, and what had expired.`,
  );
  return 0;
};

async function allDue(needs: OperatorNeeds, now: Date): Promise<number> {
  for (let all = 0; ; ) {
    const some = await deleteDueFiles({ ...needs, now, jobsMax });
    all += some;
    if (some < jobsMax) return all;
  }
}
