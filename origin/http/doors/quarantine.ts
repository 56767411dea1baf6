import type { Hono } from "hono";
import { parseRequest } from "#contract/parse.ts";
import { PageQuery } from "#contract/routes/shared.ts";
import { Sha256 } from "#contract/uploads.ts";
import type { Database } from "../../db/database.ts";
import { liftQuarantine } from "../../quarantine/lift-quarantine.ts";
import { listQuarantine } from "../../quarantine/list-quarantine.ts";
import { actorOf, type Env } from "../env.ts";

export type QuarantineDoorNeeds = { db: Database };

export function quarantineDoors(app: Hono<Env>, needs: QuarantineDoorNeeds): void {
  app.get("/v1/admin/quarantine", async (c) => c.json(await listQuarantine(needs, parseRequest(PageQuery, c.req.query()))));
  app.delete("/v1/admin/quarantine/:sha256", async (c) =>
    c.json(await liftQuarantine(needs, actorOf(c), parseRequest(Sha256, c.req.param("sha256")))),
  );
}
