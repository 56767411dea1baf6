// A master, its replica, and three sentinels that watch over them, as processes of this machine.
import { Redis } from "ioredis";
import { vi } from "vitest";
import { freePort } from "#scripts/stack/ports.ts";
import { startRedisServer } from "./redis-server.ts";

const name = "mymaster";
const quorum = 2;
/** What a sentinel waits before it calls a silent master down. */
const downAfterMs = 1_000;
const queueSettings = ["appendonly yes", "maxmemory-policy noeviction"];

export async function startSentinels() {
  const masterPort = await freePort();
  const replicaPort = await freePort();
  const master = await startRedisServer(masterPort, [`port ${masterPort}`, ...queueSettings]);
  const replica = await startRedisServer(replicaPort, [`port ${replicaPort}`, ...queueSettings, `replicaof 127.0.0.1 ${masterPort}`]);
  const watchers = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const port = await freePort();
      const lines = [
        `port ${port}`,
        `sentinel monitor ${name} 127.0.0.1 ${masterPort} ${quorum}`,
        `sentinel down-after-milliseconds ${name} ${downAfterMs}`,
        `sentinel failover-timeout ${name} 5000`,
      ];
      return { port, started: await startRedisServer(port, lines, ["--sentinel"]) };
    }),
  );
  const [first] = watchers;
  const asked = new Redis({ host: "127.0.0.1", port: first?.port ?? 0 });
  asked.on("error", () => {});
  const known = async (what: "sentinels" | "slaves") => ((await asked.call("sentinel", what, name)) as unknown[]).length;
  const masterNow = async () => Number(((await asked.call("sentinel", "get-master-addr-by-name", name)) as string[])[1]);
  await vi.waitFor(
    async () => {
      if ((await known("sentinels")) !== watchers.length - 1 || (await known("slaves")) !== 1)
        throw new Error("they do not know each other");
    },
    { timeout: 30_000, interval: 100 },
  );

  return {
    url: `redis+sentinel://${watchers.map(({ port }) => `127.0.0.1:${port}`).join(",")}/${name}`,
    /** As `kill -9`. */
    killMaster: () => master.kill(),
    /** It takes no signal and answers nobody, while its connections stay. */
    freezeMaster: () => process.kill(master.pid, "SIGSTOP"),
    /** Kills the master. Until the sentinels announce the next one, the sentinel that is asked first takes questions and answers none. */
    async replaceMasterInSilence(): Promise<void> {
      const silent = first?.started.pid ?? Number.NaN;
      const other = new Redis({ host: "127.0.0.1", port: watchers[1]?.port ?? 0 });
      const announced = Promise.withResolvers<void>();
      await other.subscribe("+switch-master");
      other.once("message", () => announced.resolve());
      process.kill(silent, "SIGSTOP");
      try {
        master.kill();
        await announced.promise;
      } finally {
        process.kill(silent, "SIGCONT");
        other.disconnect();
      }
    },
    /** Resolves when the sentinels have made the replica the master. */
    async promoted(): Promise<void> {
      await vi.waitFor(
        async () => {
          if ((await masterNow()) !== replicaPort) throw new Error("the replica was not promoted");
        },
        { timeout: 60_000, interval: 50 },
      );
    },
    async stop() {
      asked.disconnect();
      await Promise.all([...watchers.map(({ started }) => started.stop()), replica.stop(), master.stop()]);
    },
  };
}
