import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Part } from "#scripts/stack/part.ts";
import { Supervised } from "#scripts/stack/supervised.ts";

export type Started = {
  url: string;
  pid: number;
  stop(): Promise<void>;
  /** As `kill -9`: nothing is flushed or said. */
  kill(): void;
};

export const temporaryFolder = (name: string): Promise<string> => mkdtemp(join(tmpdir(), `trusty-${name}-`));

/** Starts a part for a test and waits until it works; its folder goes when it stops. */
export async function startPart(part: Part, { url, folder }: { url: string; folder?: string }): Promise<Started> {
  // A test process that is killed takes its services with it.
  const command = ["setpriv", "--pdeathsig", "KILL", "--", ...part.command] as const;
  const process = new Supervised({ ...part, command }, { restart: false, log: () => undefined });
  const stop = async () => {
    await process.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  };
  try {
    await process.ready();
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, pid: process.pid ?? 0, stop, kill: () => process.kill() };
}
