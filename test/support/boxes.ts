import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Lane, lanes } from "#contract/operation.ts";
import { type RunningBox, startBox } from "#scripts/stack/box.ts";
import { temporaryFolder } from "./start-part.ts";

const repo = join(import.meta.dirname, "../..");

/** Engine boxes of one's own, which come back when they die, as they do under a supervisor. */
export async function startBoxes(counts: Record<Lane, number>) {
  let stopping = false;
  const start = (lane: Lane, socketDir: string): Promise<RunningBox> =>
    startBox({ repo, socketDir, lanes: [lane], python: join(repo, ".trusty/tools/unoserver/bin/python") });
  const running: Record<Lane, { socketDir: string; box: RunningBox }[]> = { office: [], light: [] };
  await Promise.all(
    lanes.flatMap((lane) =>
      Array.from({ length: counts[lane] }, async () => {
        const socketDir = await temporaryFolder(`box-${lane}`);
        running[lane].push({ socketDir, box: await start(lane, socketDir) });
      }),
    ),
  );
  return {
    office: running.office.map(({ box }) => box.address),
    light: running.light.map(({ box }) => box.address),
    /** Process ids of the launchers. */
    pids: (lane: Lane): number[] => running[lane].flatMap(({ box }) => box.child.pid ?? []),
    /** As `kill -9`; the box comes back at the same address. */
    async kill(lane: Lane, index: number): Promise<void> {
      const entry = running[lane][index];
      if (!entry) throw new RangeError(`no box ${index} in lane ${lane}`);
      const ended = new Promise((resolve) => entry.box.child.once("exit", resolve));
      entry.box.child.kill("SIGKILL");
      await ended;
      if (!stopping) entry.box = await start(lane, entry.socketDir);
    },
    async stop(): Promise<void> {
      stopping = true;
      const all = lanes.flatMap((lane) => running[lane]);
      await Promise.all(all.map(({ box }) => box.stop()));
      await Promise.all(all.map(({ socketDir }) => rm(socketDir, { recursive: true, force: true })));
    },
  };
}
