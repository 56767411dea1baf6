// What only the inside of the house may see, at an address of its own: it knows no credentials.
import type { Hono } from "hono";
import type { HealthDetail } from "#contract/routes/health.ts";
import type { Health } from "#contract/routes/service.ts";
import type { Logger } from "../log.ts";
import { healthApp } from "./app.ts";
import type { Env } from "./env.ts";

type Needs = {
  log: Logger;
  health(): Promise<Health>;
  healthDetail(): Promise<HealthDetail>;
  metrics: { contentType: string; text(): Promise<string> };
};

export function insideApp(needs: Needs): Hono<Env> {
  const app = healthApp(needs);
  app.get("/metrics", async (c) => c.body(await needs.metrics.text(), 200, { "content-type": needs.metrics.contentType }));
  app.get("/health/detailed", async (c) => c.json(await needs.healthDetail()));
  return app;
}
