import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Part, plainEnvironment } from "./part.ts";
import { expectOk } from "./probe.ts";

export type EdgeOptions = {
  root: string;
  /** Holds the configuration with its secrets, and the object store's bytes. */
  dir: string;
  port: number;
  inspectorPort: number;
  /** As `localWranglerConfig` makes it. */
  config: object;
  /** As `localEdgeSecrets` makes them. */
  secrets: Record<string, string>;
  logPath: string;
};

/** The Worker under `wrangler dev`, with the object store that it emulates; nothing is signed up for and nothing is reported home. */
export function edgePart(
  { root, dir, port, inspectorPort, config, secrets, logPath }: EdgeOptions,
  inherited: Record<string, string | undefined>,
): Part {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const configPath = join(dir, "wrangler.json");
  writeFileSync(configPath, JSON.stringify(config, null, 2), { mode: 0o600 });
  return {
    name: "edge",
    command: [
      process.execPath,
      join(root, "node_modules/wrangler/bin/wrangler.js"),
      "dev",
      ...["--config", configPath, "--persist-to", join(dir, "state"), "--inspector-port", `${inspectorPort}`],
      "--show-interactive-dev-session=false",
    ],
    environment: {
      ...plainEnvironment(inherited),
      WRANGLER_SEND_METRICS: "false",
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
      // Wrangler's own tracing and its browser of local data: half of what a small request costs.
      X_LOCAL_OBSERVABILITY: "false",
      X_LOCAL_EXPLORER: "false",
      WRANGLER_LOG_PATH: join(dir, "wrangler-logs"),
      NO_COLOR: "1",
      ...secrets,
    },
    logPath,
    probe: (signal) => expectOk(`http://127.0.0.1:${port}`, "/health/live", signal),
    readyWithinMs: 60_000,
    stopWithinMs: 5_000,
  };
}
