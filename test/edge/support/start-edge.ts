// A real workerd with the Worker, an object store of its own and a fake origin, for one test file.
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { plainEnvironment } from "#scripts/stack/part.ts";
import { freePort } from "#scripts/stack/ports.ts";
import { localR2Endpoint, localWranglerConfig } from "#scripts/stack/wrangler-config.ts";
import { startPart, temporaryFolder } from "#test/support/start-part.ts";
import { startFakeOrigin } from "./fake-origin.ts";
import { audience, createIssuer, issuerName } from "./issuer.ts";

const root = join(import.meta.dirname, "../../..");

export type EdgeOptions = {
  environment?: "local" | "production";
  corsOrigins?: string;
  /** The issuer's keys are fetched from the fake origin, at /jwks. */
  remoteKeys?: boolean;
  /** A real origin on this port, instead of the fake one. */
  originPort?: number;
};

export async function startEdge({ environment, corsOrigins, remoteKeys = false, originPort }: EdgeOptions = {}) {
  const folder = await temporaryFolder("edge");
  const credentials = {
    edgeKey: randomBytes(32).toString("hex"),
    r2AccessKeyId: randomBytes(16).toString("hex"),
    r2SecretAccessKey: randomBytes(32).toString("hex"),
  };
  const issuer = await createIssuer();
  const origin = await startFakeOrigin(credentials.edgeKey);
  const port = await freePort();
  const inspectorPort = await freePort();
  const config = localWranglerConfig({
    root,
    ports: { edge: port, origin: originPort ?? origin.port },
    credentials,
    jwt: { jwks: remoteKeys ? `http://127.0.0.1:${origin.port}/jwks` : issuer.jwks, issuer: issuerName, audience },
    ...(environment && { environment }),
    ...(corsOrigins && { corsOrigins }),
  });
  const configPath = join(folder, "wrangler.json");
  await writeFile(configPath, JSON.stringify(config), { mode: 0o600 });
  const url = `http://127.0.0.1:${port}`;
  const logPath = join(folder, "edge.log");
  const started = await startPart(
    {
      name: "edge",
      command: [
        process.execPath,
        join(root, "node_modules/wrangler/bin/wrangler.js"),
        "dev",
        ...["--config", configPath, "--persist-to", join(folder, "state"), "--inspector-port", `${inspectorPort}`],
        "--show-interactive-dev-session=false",
      ],
      environment: {
        ...plainEnvironment(process.env),
        WRANGLER_SEND_METRICS: "false",
        CLOUDFLARE_CF_FETCH_ENABLED: "false",
        NO_COLOR: "1",
      },
      logPath,
      probe: async (signal) => {
        await fetch(`${url}/health/live`, { signal, redirect: "manual" });
      },
      readyWithinMs: 60_000,
      stopWithinMs: 5_000,
    },
    { url, folder },
  );
  const signing = {
    R2_ENDPOINT: localR2Endpoint(port),
    R2_ACCESS_KEY_ID: credentials.r2AccessKeyId,
    R2_SECRET_ACCESS_KEY: credentials.r2SecretAccessKey,
  };
  return {
    url,
    port,
    issuer,
    origin,
    edgeKey: credentials.edgeKey,
    signing,
    logPath,
    stop: async () => {
      await started.stop();
      await origin.stop();
    },
  };
}

export type RunningEdge = Awaited<ReturnType<typeof startEdge>>;
