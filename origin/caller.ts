// Who is behind a request, for verbs and the audit log.
import { randomBytes } from "node:crypto";
import type { Principal } from "#contract/assertion.ts";
import { type IdPrefix, newId } from "#contract/ids.ts";

export type Actor = { principal: Principal; address: string; requestId: string };

/** The only place of the origin's api that draws ids. */
export const drawId = <P extends IdPrefix>(prefix: P) => newId(prefix, randomBytes(16));
