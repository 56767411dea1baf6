// What an operator does by hand, in a container of its own: `docker compose run --rm worker VERB`.
import type { Config } from "../config.ts";
import { openDatabase } from "../db/database.ts";
import { r2 } from "../storage/r2.ts";
import { autoscale } from "./autoscale.ts";
import { cleanUp } from "./clean-up.ts";
import { expire } from "./expire.ts";
import { tellReconciliation } from "./reconcile.ts";
import type { OperatorNeeds, OperatorVerb } from "./verb.ts";

export const operatorVerbs: Record<string, OperatorVerb> = {
  reconcile: tellReconciliation,
  "expire-missing": expire,
  cleanup: cleanUp,
  autoscale,
};

/** Answers the exit code. */
export async function operate(verb: OperatorVerb, config: Config, args: string[]): Promise<number> {
  const database = await openDatabase({ url: config.DATABASE_URL, dataDir: config.DATA_DIR, onError: () => {} });
  const objects = r2({
    endpoint: config.R2_ENDPOINT,
    accessKeyId: config.R2_ACCESS_KEY_ID,
    secretAccessKey: config.R2_SECRET_ACCESS_KEY,
    buckets: { uploads: config.UPLOADS_BUCKET, results: config.RESULTS_BUCKET },
  });
  try {
    if (await database.outdated()) throw new Error("The database lacks migrations of this release: run the role `migrate` first.");
    return await verb({ db: database.db, objects } satisfies OperatorNeeds, args);
  } finally {
    await Promise.all([objects.close(), database.close()]);
  }
}
