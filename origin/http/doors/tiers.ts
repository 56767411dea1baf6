import type { Hono } from "hono";
import { listPublicTiers } from "../../tiers/list-tiers.ts";
import type { Env } from "../env.ts";

export type TierDoorNeeds = Parameters<typeof listPublicTiers>[0];

export function tierDoors(app: Hono<Env>, needs: TierDoorNeeds): void {
  app.get("/v1/tiers", async (c) => c.json(await listPublicTiers(needs)));
}
