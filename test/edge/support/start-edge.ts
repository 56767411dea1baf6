// A real workerd with the Worker, an object store of its own and a fake origin, for one test file.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { edgePart } from "#scripts/stack/edge.ts";
import { freePort } from "#scripts/stack/ports.ts";
import { localEdgeSecrets, localR2Endpoint, localWranglerConfig } from "#scripts/stack/wrangler-config.ts";
import { startPart, temporaryFolder } from "#test/support/start-part.ts";
import { startFakeOrigin } from "./fake-origin.ts";
import { audience, createIssuer, issuerName } from "./issuer.ts";
import { pushTo } from "./push.ts";

const root = join(import.meta.dirname, "../../..");

export type EdgeOptions = {
  environment?: "local" | "production";
  corsOrigins?: string;
  /** The issuer's keys are fetched from the fake origin, at /jwks. */
  remoteKeys?: boolean;
  /** A real origin on this port, instead of the fake one. */
  originPort?: number;
  addressLimit?: number;
  /** Shared with the origin; by default a fresh one. */
  edgeKey?: string;
  /** More of the Worker's variables. */
  variables?: Record<string, string>;
  /** The Worker whose account objects can be evicted, made to fail, and looked into. */
  controls?: boolean;
};

export async function startEdge(options: EdgeOptions = {}) {
  const { environment, corsOrigins, remoteKeys = false, originPort, addressLimit, variables, controls = false } = options;
  const folder = await temporaryFolder("edge");
  const credentials = {
    edgeKey: options.edgeKey ?? randomBytes(32).toString("hex"),
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
    // Outside of one machine there is no edge without this limit.
    ...((addressLimit !== undefined || environment === "production") && { addressLimit: addressLimit ?? 600 }),
    ...(variables && { variables }),
    ...(controls && { main: join(root, "test/edge/worker/main.ts") }),
  });
  const url = `http://127.0.0.1:${port}`;
  const logPath = join(folder, "edge.log");
  const part = edgePart({ root, dir: folder, port, inspectorPort, config, secrets: localEdgeSecrets(credentials), logPath }, process.env);
  // In production's environment plain http is only redirected, which is an answer too.
  const probe = async (signal: AbortSignal) => fetch(`${url}/health/live`, { signal, redirect: "manual" });
  const started = await startPart({ ...part, probe }, { url, folder });
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
    pid: started.pid,
    /** As the origin does after a change. */
    push: pushTo({ url, edgeKey: credentials.edgeKey }),
    stop: async () => {
      await started.stop();
      await origin.stop();
    },
  };
}

export type RunningEdge = Awaited<ReturnType<typeof startEdge>>;
