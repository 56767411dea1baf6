// What the edge asks on its own account.
import type { Hono } from "hono";
import { AccountId } from "#contract/ids.ts";
import { parseRequest } from "#contract/parse.ts";
import { Problem } from "#contract/problems.ts";
import { accountSnapshot } from "../../accounts/snapshot.ts";
import type { Database } from "../../db/database.ts";
import type { Env } from "../env.ts";

export type InternalDoorNeeds = { db: Database };

export function internalDoors(app: Hono<Env>, { db }: InternalDoorNeeds): void {
  app.get("/internal/accounts/:id", async (c) => {
    const snapshot = await accountSnapshot(db, parseRequest(AccountId, c.req.param("id")));
    if (!snapshot) throw new Problem("account-not-found");
    return c.json(snapshot);
  });
}
