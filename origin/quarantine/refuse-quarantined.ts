import { Problem } from "#contract/problems.ts";
import type { Database } from "../db/database.ts";
import type { StoredInput } from "../db/schema.ts";
import { quarantineStore } from "./store.ts";

type Input = Pick<StoredInput, "sha256" | "found_sha256">;

/** What is known of a file's digest: as it was announced, and as it was found. */
const digestsOf = (inputs: readonly Input[]): string[] =>
  inputs.flatMap(({ sha256, found_sha256 }) => [sha256, found_sha256].filter((digest) => digest !== undefined));

/** Refuses files that are in quarantine. A refusal undoes the caller's transaction, so whoever catches it counts it (`countRefusal`). */
export async function refuseQuarantined(db: Database, inputs: readonly Input[]): Promise<void> {
  if (await quarantineStore(db).holds(digestsOf(inputs))) throw new Problem("input-quarantined");
}

/** Does the work, and counts when it was refused for the quarantine. */
export async function countingRefusals<T>(db: Database, inputs: readonly Input[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.code === "input-quarantined") await quarantineStore(db).countRefusal(digestsOf(inputs));
    throw thrown;
  }
}
