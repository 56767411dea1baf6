// The only writer of the audit log. Verbs call it in the transaction of their change.
import type { Actor } from "../caller.ts";
import { drawId } from "../caller.ts";
import type { Database } from "../db/database.ts";
import { auditLog } from "../db/schema.ts";

/** `account`: whose matter it is, if any account's. `before` and `after` hold what changed, and never a secret. */
export type Deed = { action: string; target: string; account?: string; before?: unknown; after?: unknown };

/** `system`: what nobody asked for (a seed, a sweep). */
export async function record(
  db: Database,
  actor: Pick<Actor, "principal" | "address" | "requestId"> | "system",
  deed: Deed,
): Promise<void> {
  const who =
    actor === "system"
      ? { actor }
      : { actor: actor.principal.key ?? actor.principal.subject, address: actor.address, requestId: actor.requestId };
  await db.insert(auditLog).values({ id: drawId("aud"), ...who, ...deed });
}
