import type { Database } from "../db/database.ts";
import type { JobRow, StoredInput } from "../db/schema.ts";
import { countingRefusals, refuseQuarantined } from "./refuse-quarantined.ts";
import { quarantineStore } from "./store.ts";

export type Quarantine = {
  /** The input of a run that ended one box too many. One whose digest nobody learned is not kept. */
  put(run: { row: Pick<JobRow, "id" | "steps">; input: StoredInput }): Promise<void>;
  /** `input-quarantined`, counted, when the file is in quarantine. */
  refuse(input: StoredInput): Promise<void>;
};

/** The quarantine as a worker sees it. */
export function quarantineOf(db: Database, hours: number): Quarantine {
  return {
    async put({ row, input }) {
      if (input.found_sha256 === undefined) return;
      const operation = row.steps.map((step) => step.operation).join(",");
      await quarantineStore(db).put({ sha256: input.found_sha256, job: row.id, operation, hours });
    },
    refuse: (input) => countingRefusals(db, [input], () => refuseQuarantined(db, [input])),
  };
}
