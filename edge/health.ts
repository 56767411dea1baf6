import { Health } from "#contract/routes/service.ts";
import type { ToOrigin } from "./env.ts";
import { doorOf } from "./fetch-from-origin.ts";

const timeoutMs = 2_000;

/** Whether a job would be taken and worked on, as the origin says. */
export async function health(env: Pick<ToOrigin, "ORIGIN_URL" | "ORIGIN_MTLS">): Promise<Health> {
  try {
    const response = await doorOf(env)(`${env.ORIGIN_URL}/health/ready`, { signal: AbortSignal.timeout(timeoutMs), redirect: "manual" });
    return Health.parse(await response.json());
  } catch {
    return { status: "unavailable", degraded: ["origin"] };
  }
}
