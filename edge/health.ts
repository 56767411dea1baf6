import { Health } from "#contract/routes/service.ts";
import type { Env } from "./env.ts";

const timeoutMs = 2_000;

/** Whether a job would be taken and worked on, as the origin says. */
export async function health({ ORIGIN_URL }: Pick<Env, "ORIGIN_URL">): Promise<Health> {
  try {
    const response = await fetch(`${ORIGIN_URL}/health/ready`, { signal: AbortSignal.timeout(timeoutMs), redirect: "manual" });
    return Health.parse(await response.json());
  } catch {
    return { status: "unavailable", degraded: ["origin"] };
  }
}
