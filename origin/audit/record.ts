// The only writer of the audit log. Verbs call it in the transaction of their change.
import type { Actor } from "../caller.ts";
import { drawId } from "../caller.ts";
import type { Database } from "../db/database.ts";
import { auditLog } from "../db/schema.ts";

/** `account`: whose matter it is, if any account's. `before` and `after` hold what changed, and never a secret. */
export type Deed = { action: string; target: string; account?: string; before?: unknown; after?: unknown };

/** Somebody who acts through a session and not through the API. */
export type Person = { person: string; address?: string; requestId?: string };
/** `system`: what nobody asked for (a seed, a sweep). */
export type Doer = Pick<Actor, "principal" | "address" | "requestId"> | Person | "system";

export async function record(db: Database, doer: Doer, deed: Deed): Promise<void> {
  await db.insert(auditLog).values({ id: drawId("aud"), ...nameOf(doer), ...deed });
}

function nameOf(doer: Doer): { actor: string; address?: string; requestId?: string } {
  if (doer === "system") return { actor: doer };
  if ("principal" in doer) {
    const { principal, address, requestId } = doer;
    return { actor: principal.key ?? principal.subject, address, requestId };
  }
  const { person, ...from } = doer;
  return { actor: person, ...from };
}
