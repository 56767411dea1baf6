import { join } from "node:path";
import { type Part, plainEnvironment } from "./part.ts";
import { expectOk } from "./probe.ts";

export type OriginOptions = {
  root: string;
  port: number;
  /** As origin/config.ts names them. */
  variables: Record<string, string>;
  logPath: string;
};

const graceMs = 20_000;

/** The origin, api and worker in one process. Ready is what its own health check says, with no part degraded. */
export function originPart({ root, port, variables, logPath }: OriginOptions, inherited: Record<string, string | undefined>): Part {
  return {
    name: "origin",
    command: [process.execPath, join(root, "origin/main.ts"), "all"],
    environment: { ...plainEnvironment(inherited), PORT: `${port}`, SHUTDOWN_GRACE_MS: `${graceMs}`, ...variables },
    logPath,
    probe: async (signal) => {
      const body = await expectOk(`http://127.0.0.1:${port}`, "/health/ready", signal);
      if (!body.includes('"ok"')) throw new Error(`it says ${body}`);
    },
    readyWithinMs: 90_000,
    // Its phases add up to this at most.
    stopWithinMs: graceMs + 20_000,
  };
}
