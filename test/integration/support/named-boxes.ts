// Engine boxes that listen on loopback addresses of their own, behind one name in a hosts file that only those who run `within` it see.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BoxHealth } from "#contract/box.ts";
import { type Part, plainEnvironment } from "#scripts/stack/part.ts";
import { freePort } from "#scripts/stack/ports.ts";
import { expectOk } from "#scripts/stack/probe.ts";
import { bubblewrap } from "#scripts/stack/sandbox.ts";
import { type Started, startPart, temporaryFolder } from "#test/support/start-part.ts";

const program = join(import.meta.dirname, "../../../origin/engine/main.ts");
const name = "engines.test";

export async function namedBoxes() {
  const folder = await temporaryFolder("named-boxes");
  const hosts = join(folder, "hosts");
  const port = await freePort();
  const running = new Map<string, Started>();
  const listed = new Set<string>();
  // In place, because the file itself is mounted.
  const write = () => writeFile(hosts, ["127.0.0.1 localhost", ...[...listed].map((ip) => `${ip} ${name}`), ""].join("\n"));
  await write();

  async function health(ip: string): Promise<BoxHealth | undefined> {
    const answer = await fetch(`http://${ip}:${port}/health`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    return answer && BoxHealth.parse(await answer.json());
  }

  return {
    url: `dns://${name}:${port}`,
    /** The command that runs another where the name is known. */
    within: [bubblewrap, "--die-with-parent", "--dev-bind", "/", "/", "--ro-bind", hosts, "/etc/hosts", "--"] as const,
    health,
    async start(ip: string): Promise<void> {
      const workspace = join(folder, ip);
      await mkdir(workspace, { recursive: true });
      const own = { BOX_LISTEN: `tcp://${ip}:${port}`, BOX_LANES: "light", BOX_WORKSPACE: workspace };
      const part: Part = {
        name: `box ${ip}`,
        command: [process.execPath, program],
        environment: { ...plainEnvironment(process.env), ...own },
        logPath: join(folder, `${ip}.log`),
        probe: (signal) => expectOk(`http://${ip}:${port}`, "/health", signal),
        readyWithinMs: 60_000,
        stopWithinMs: 5_000,
      };
      running.set(ip, await startPart(part, { url: `http://${ip}:${port}` }));
    },
    async list(...ips: string[]): Promise<void> {
      listed.clear();
      for (const ip of ips) listed.add(ip);
      await write();
    },
    async kill(ip: string): Promise<void> {
      const box = running.get(ip);
      running.delete(ip);
      box?.kill();
      await box?.stop();
    },
    async stop(): Promise<void> {
      for (const ip of [...running.keys()]) await this.kill(ip);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
