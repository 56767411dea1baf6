import type { Hono } from "hono";
import { z } from "zod";
import { parseRequest } from "#contract/parse.ts";
import { UsageQuery } from "#contract/usage.ts";
import type { Database } from "../../db/database.ts";
import { readUsage } from "../../usage/read-usage.ts";
import { reconcile } from "../../usage/reconcile.ts";
import { usageCsv } from "../../usage/usage-csv.ts";
import { actorOf, type Env } from "../env.ts";

export type UsageDoorNeeds = { db: Database };

const ReconcileQuery = z.object({ repair: z.enum(["0", "1"]).default("0") });

export function usageDoors(app: Hono<Env>, { db }: UsageDoorNeeds): void {
  app.get("/v1/usage", async (c) => {
    const query = parseRequest(UsageQuery, c.req.query());
    const usage = await readUsage({ db, now: new Date() }, actorOf(c).principal, query);
    if (query.format === "json") return c.json(usage);
    return c.body(usageCsv(usage, query.group_by), 200, {
      "content-type": "text/csv; charset=utf-8; header=present",
      "content-disposition": `attachment; filename="usage-${usage.from}-${usage.to}.csv"`,
    });
  });
  // For `npm run reconcile`, where the database belongs to this process.
  app.post("/internal/reconcile", async (c) => {
    const { repair } = parseRequest(ReconcileQuery, c.req.query());
    return c.json(await reconcile(db, { repair: repair === "1" }));
  });
}
