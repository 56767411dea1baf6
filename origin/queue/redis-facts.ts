import type { Redis } from "ioredis";

export type RedisFacts = {
  version: string | undefined;
  policy: string | undefined;
  appendOnly: boolean;
  memoryBytes: number;
  memoryBytesMax: number;
};

/** What a Redis says of itself (INFO). */
export async function redisFacts(redis: Pick<Redis, "info">): Promise<RedisFacts> {
  const facts = infoOf(`${await redis.info("server")}\n${await redis.info("memory")}\n${await redis.info("persistence")}`);
  return {
    version: facts.get("redis_version"),
    policy: facts.get("maxmemory_policy"),
    appendOnly: facts.get("aof_enabled") === "1",
    memoryBytes: Number(facts.get("used_memory") ?? 0),
    memoryBytesMax: Number(facts.get("maxmemory") ?? 0),
  };
}

function infoOf(info: string): Map<string, string> {
  const pairs = info.split(/\r?\n/).flatMap((line): [string, string][] => {
    const [name, value] = line.split(":", 2);
    return name && value !== undefined ? [[name, value]] : [];
  });
  return new Map(pairs);
}
