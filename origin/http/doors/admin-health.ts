import type { Hono } from "hono";
import type { HealthDetail } from "#contract/routes/health.ts";
import type { Env } from "../env.ts";

export type AdminHealthDoorNeeds = { healthDetail(): Promise<HealthDetail> };

export function adminHealthDoors(app: Hono<Env>, { healthDetail }: AdminHealthDoorNeeds): void {
  app.get("/v1/admin/health", async (c) => c.json(await healthDetail()));
}
