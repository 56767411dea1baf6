// Whether a Redis is one that a queue may live in. Asked at the start, and again whenever the connection is made anew: after a failover it is another server.
import type { Redis } from "ioredis";
import { redisFacts } from "./redis-facts.ts";

export type Fitness = {
  /** Why the start is refused. */
  faults: string[];
  /** What the operator should know. */
  warnings: string[];
};

type Asked = Pick<Redis, "info" | "config">;

const oldestMajor = 7;

export async function redisFitness(redis: Asked, { ephemeral }: { ephemeral: boolean }): Promise<Fitness> {
  const { version, policy, appendOnly } = await redisFacts(redis);
  return judge({ version, policy: policy ?? (await configured(redis, "maxmemory-policy")), appendOnly, ephemeral });
}

type Found = { version: string | undefined; policy: string | undefined; appendOnly: boolean; ephemeral: boolean };

export function judge({ version, policy, appendOnly, ephemeral }: Found): Fitness {
  const faults: string[] = [];
  const warnings: string[] = [];
  if (version === undefined) warnings.push("Redis does not tell its version; it must be 7 or newer.");
  else if (Number.parseInt(version, 10) < oldestMajor) faults.push(`Redis is ${version}; it must be 7 or newer.`);
  if (policy === undefined)
    warnings.push("Redis does not tell its maxmemory-policy; it must be noeviction, or jobs are forgotten when memory is short.");
  else if (policy !== "noeviction")
    faults.push(`Redis has maxmemory-policy ${policy}; it must be noeviction, or jobs are forgotten when memory is short.`);
  if (!ephemeral && !appendOnly)
    warnings.push(
      "Redis has appendonly no: after its restart jobs wait some seconds until the sweep has found them. Set appendonly yes, or REDIS_EPHEMERAL=1 if that is meant.",
    );
  return { faults, warnings };
}

/** Managed servers forbid the question. */
async function configured(redis: Asked, setting: string): Promise<string | undefined> {
  const answer = await redis.config("GET", setting).catch(() => []);
  return Array.isArray(answer) && typeof answer[1] === "string" ? answer[1] : undefined;
}
