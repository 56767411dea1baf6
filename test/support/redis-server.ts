import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { plainEnvironment } from "#scripts/stack/part.ts";
import { ask } from "#scripts/stack/probe.ts";
import { type Started, startPart, temporaryFolder } from "./start-part.ts";

/** A redis-server with just these lines of configuration, or a sentinel. `port` is where it answers in plain text. */
export async function startRedisServer(port: number, lines: readonly string[], argv: readonly string[] = []): Promise<Started> {
  const folder = await temporaryFolder("redis-server");
  const path = join(folder, "redis.conf");
  await writeFile(path, ["bind 127.0.0.1", `dir "${folder}"`, 'save ""', ...lines, ""].join("\n"));
  const part = {
    name: "redis",
    command: ["redis-server", path, ...argv] as const,
    environment: plainEnvironment(process.env),
    logPath: join(folder, "redis.log"),
    // One that wants a password first is up, too.
    probe: async (signal: AbortSignal) => {
      const answer = await ask({ host: "127.0.0.1", port }, "PING\r\n", signal);
      if (!/^(\+PONG|-NOAUTH)/.test(answer)) throw new Error(`it answers ${answer}`);
    },
    readyWithinMs: 30_000,
    stopWithinMs: 3_000,
  };
  return startPart(part, { url: `redis://127.0.0.1:${port}`, folder });
}
