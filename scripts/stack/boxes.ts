import { rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { BoxHealth } from "#contract/box.ts";
import type { Lane } from "#contract/operation.ts";
import { fileBytesMaxOfAllTiers } from "#contract/tiers.ts";
import { boxCommand } from "./box.ts";
import { type Part, plainEnvironment } from "./part.ts";
import { expectOk } from "./probe.ts";
import { socketFolder } from "./sandbox.ts";

export type BoxCounts = Record<Lane, number>;

/** One more LibreOffice than cores: fetching, scanning and storing one document hides behind converting another. */
export const usualBoxes = (cores = availableParallelism()): BoxCounts => ({ office: cores + 1, light: Math.min(2, cores) });

export type NamedBox = { lane: Lane; address: string; part: Part };

type BoxesOptions = {
  root: string;
  sockets: string;
  python: string;
  counts: BoxCounts;
  logOf: (name: string) => string;
  /** Of each box; without it the usual. */
  workspaceBytes?: number;
};

export function boxParts(options: BoxesOptions, inherited: Record<string, string | undefined>): NamedBox[] {
  const { root, sockets, python, counts, logOf, workspaceBytes } = options;
  const lanes = Object.entries(counts) as [Lane, number][]; // the keys of a Record<Lane, …>
  return lanes.flatMap(([lane, count]) =>
    Array.from({ length: count }, (_, index): NamedBox => {
      const name = `box-${lane}-${index + 1}`;
      const socketDir = join(sockets, name);
      const { command, args, env, socket } = boxCommand({
        repo: root,
        socketDir,
        lanes: [lane],
        ...(lane === "office" && { python }),
        ...(workspaceBytes !== undefined && { workspaceBytes }),
        env: { BOX_INPUT_BYTES_MAX: `${fileBytesMaxOfAllTiers}` },
        allowBare: inherited.ALLOW_BARE_ENGINES === "1",
      });
      const address = `unix:${socket}`;
      const part: Part = {
        name,
        command: [command, ...args],
        environment: { ...plainEnvironment(inherited), ...env },
        logPath: logOf(name),
        beforeStart() {
          rmSync(socket, { force: true });
          socketFolder(socketDir, "open");
        },
        probe: async (signal) => {
          const health = BoxHealth.parse(JSON.parse(await expectOk(address, "/health", signal)));
          if (!health.ready) throw new Error("LibreOffice is not warm yet");
          socketFolder(socketDir, "sealed");
        },
        async alive(signal) {
          await expectOk(address, "/health", signal);
          socketFolder(socketDir, "sealed");
        },
        readyWithinMs: 90_000,
        stopWithinMs: 5_000,
      };
      return { lane, address, part };
    }),
  );
}
