import { join } from "node:path";
import { freePort } from "#scripts/stack/ports.ts";
import { redisPart, redisUrl } from "#scripts/stack/redis.ts";
import { type Started, startPart, temporaryFolder } from "./start-part.ts";

/** A Redis of one's own. With `dir` and `port` of an earlier one it comes back with its data, as after a crash. */
export async function startRedis(options: { dir?: string; port?: number } = {}): Promise<Started & { dir: string; port: number }> {
  const dir = options.dir ?? (await temporaryFolder("redis"));
  const port = options.port ?? (await freePort());
  const part = redisPart({ dir, port, logPath: join(dir, "redis.log") }, process.env);
  const started = await startPart(part, { url: redisUrl({ port }), folder: dir });
  return { ...started, dir, port };
}
