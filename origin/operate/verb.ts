import type { Database } from "../db/database.ts";
import type { ObjectStore } from "../storage/object-store.ts";

export type OperatorNeeds = { db: Database; objects: ObjectStore };
/** Prints what it did; answers the exit code. */
export type OperatorVerb = (needs: OperatorNeeds, args: string[]) => Promise<number>;
