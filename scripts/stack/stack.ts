import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { type BoxCounts, boxParts, usualBoxes } from "./boxes.ts";
import { clamdPart, clamdSocket } from "./clamd.ts";
import { edgePart } from "./edge.ts";
import { originPart } from "./origin.ts";
import type { Part } from "./part.ts";
import type { Places } from "./places.ts";
import { redisPart, redisUrl } from "./redis.ts";
import { readOrMakeSecrets, type Secrets } from "./secrets.ts";
import { chooseSignatures } from "./signatures.ts";
import { Supervised } from "./supervised.ts";
import { localAddress, localEdgeSecrets, localJwt, localPeople, localR2Endpoint, localWranglerConfig } from "./wrangler-config.ts";

export type StackOptions = {
  places: Places;
  inherited: Record<string, string | undefined>;
  boxes?: BoxCounts;
  log: (line: string) => void;
  /** Ends the start, and what was started, in order. */
  signal?: AbortSignal;
  /** After a part started or ended. */
  changed?: (parts: readonly Supervised[]) => void;
};

export type Stack = {
  address: string;
  secrets: Secrets;
  /** In the order of the start. */
  parts: readonly Supervised[];
  stop(): Promise<void>;
};

/** Starts every part of the system on this machine and waits until each does its work. What was started is stopped when one does not. */
export async function startStack({ places, inherited, boxes = usualBoxes(), log, signal, changed }: StackOptions): Promise<Stack> {
  const { root, ports, data, log: logOf, sockets } = places;
  const secrets = await readOrMakeSecrets(places.state);
  const signatures = chooseSignatures(data("test-signatures"));
  if (signatures.testOnly) log(testSignaturesWarning);

  const parts: Supervised[] = [];
  const start = (part: Part): Supervised => {
    if (existsSync(part.logPath)) renameSync(part.logPath, `${part.logPath}.old`);
    const supervised = new Supervised(part, { restart: true, log, changed: () => changed?.(parts) });
    parts.push(supervised);
    changed?.(parts);
    return supervised;
  };
  const stop = async () => {
    // Doors first, then the work, then what the work needs.
    const order = ["edge", "origin", "box", "clamd", "redis"];
    for (const prefix of order) await Promise.all(parts.filter(({ part }) => part.name.startsWith(prefix)).map((part) => part.stop()));
  };

  signal?.addEventListener("abort", () => void stop(), { once: true });

  try {
    const redis = { dir: data("redis"), port: ports.redis, password: secrets.redisPassword, logPath: logOf("redis") };
    const redisRuns = start(redisPart(redis, inherited));
    const clamdDir = join(sockets, "clamd");
    const clamdRuns = start(clamdPart({ dir: clamdDir, signatures, logPath: logOf("clamd") }, inherited));
    const wrangler = localWranglerConfig({
      root,
      ports,
      credentials: secrets,
      jwt: localJwt(ports),
    });
    const edge = { root, dir: data("edge"), port: ports.edge, inspectorPort: ports.inspector, config: wrangler, logPath: logOf("edge") };
    start(edgePart({ ...edge, secrets: localEdgeSecrets(secrets) }, inherited));
    const python = join(root, ".trusty/tools/unoserver/bin/python");
    const named = boxParts({ root, sockets, python, counts: boxes, logOf }, inherited);
    for (const { part } of named) start(part);
    await Promise.all([redisRuns.ready(), clamdRuns.ready()]);

    const addressesOf = (lane: string) => named.filter((box) => box.lane === lane).map(({ address }) => address);
    const variables = {
      DATA_DIR: data("database"),
      REDIS_URL: redisUrl(redis),
      EDGE_KEY: secrets.edgeKey,
      OPTIONS_KEY: secrets.optionsKey,
      ...localPeople(ports.edge, secrets),
      METRICS_PORT: `${ports.metrics}`,
      R2_ENDPOINT: localR2Endpoint(ports.edge),
      R2_ACCESS_KEY_ID: secrets.r2AccessKeyId,
      R2_SECRET_ACCESS_KEY: secrets.r2SecretAccessKey,
      UPLOADS_BUCKET: wrangler.vars.UPLOADS_BUCKET,
      RESULTS_BUCKET: wrangler.vars.RESULTS_BUCKET,
      CLAMD: `unix:${clamdSocket(clamdDir)}`,
      OFFICE_BOXES: addressesOf("office").join(","),
      LIGHT_BOXES: addressesOf("light").join(","),
      ...(signatures.testOnly && { ALLOW_TEST_SIGNATURES: "1" }),
      ...(inherited.ALLOW_BARE_ENGINES === "1" && { ALLOW_BARE_ENGINES: "1" }),
    };
    start(originPart({ root, port: ports.origin, variables, logPath: logOf("origin") }, inherited));
    await Promise.all(parts.map((part) => part.ready()));
  } catch (error) {
    await stop();
    throw error;
  }
  return { address: localAddress(ports.edge), secrets, parts, stop };
}

const testSignaturesWarning = [
  "**********************************************************************************",
  "  No official virus signatures on this machine: clamd knows ONLY the EICAR test",
  "  file and finds no real virus. Fetch them with `sudo freshclam`, and start again.",
  "**********************************************************************************",
].join("\n");
