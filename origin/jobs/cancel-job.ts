import type { Principal } from "#contract/assertion.ts";
import { Problem } from "#contract/problems.ts";
import type { JobRow } from "../db/schema.ts";
import type { JobStore } from "./store.ts";

type Needs = { store: Pick<JobStore, "cancel" | "find"> };

/** Ends a job unless it has ended. Who is told of it, `afterwards`, is the caller's matter, because that must follow the commit. */
export async function cancelJob(
  { store }: Needs,
  owner: Pick<Principal, "account" | "livemode">,
  id: string,
): Promise<{ row: JobRow; canceled: boolean }> {
  const ended = await store.cancel(owner, id);
  const row = ended ?? (await store.find(owner, id));
  if (!row) throw new Problem("job-not-found");
  return { row, canceled: ended !== undefined };
}
