import { Problem } from "#contract/problems.ts";
import type { QuarantinedFile } from "#contract/quarantine.ts";
import { type Doer, record } from "../audit/record.ts";
import type { Database } from "../db/database.ts";
import { quarantinedFile } from "./quarantined-file.ts";
import { quarantineStore } from "./store.ts";

/** From here on the file is converted again. */
export async function liftQuarantine({ db }: { db: Database }, doer: Doer, sha256: string): Promise<QuarantinedFile> {
  return db.transaction(async (tx) => {
    const row = await quarantineStore(tx).remove(sha256);
    if (!row) throw new Problem("quarantine-not-found");
    const lifted = quarantinedFile(row);
    await record(tx, doer, { action: "quarantine.lift", target: sha256, before: lifted });
    return lifted;
  });
}
