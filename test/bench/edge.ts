// What verify, limit and forward cost: the Worker against a Worker that only forwards, in one plain workerd, in turn.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";
import { newId } from "#contract/ids.ts";
import { freePort } from "#scripts/stack/ports.ts";
import { startPart } from "#test/support/start-part.ts";
import { startHelper } from "./edge-helper.ts";
import type { Load, Loaded } from "./edge-load.ts";
import { type EdgeOptions, parseEdgeOptions } from "./edge-options.ts";
import type { OriginStub } from "./edge-origin.ts";
import { edgePeople, type People } from "./edge-people.ts";
import { profileWorker } from "./edge-profile.ts";
import { edgeReport } from "./edge-report.ts";
import { type Bench, type Side, slice, takeTurns } from "./edge-rounds.ts";
import { edgeWorkerd } from "./edge-workerd.ts";

const root = resolve(import.meta.dirname, "../..");
const accounts = 50;
const profileMs = 5_000;
const job = { id: newId("job", new Uint8Array(16)), state: "running", created_at: "2026-11-01T00:00:00.000Z" };

export async function edge(argv: string[]): Promise<void> {
  const options = parseEdgeOptions(argv, process.env.INIT_CWD ?? process.cwd());
  const folder = mkdtempSync(join(tmpdir(), "trusty-bench-edge-"));
  const objects = mkdtempSync(join(options.objects, "trusty-bench-objects-"));
  process.once("exit", () => {
    for (const made of [folder, objects]) rmSync(made, { recursive: true, force: true });
  });
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => process.exit(130));

  const people = await edgePeople(accounts);
  const origin = startHelper<OriginStub, { port: number }>("edge-origin.ts");
  const { port } = await origin.ask({ answers: people.answers, job: JSON.stringify(job) });
  const originUrl = `http://127.0.0.1:${port}`;
  const inspectorPort = options.profile === undefined ? undefined : await freePort();
  const variables = people.variables(originUrl);
  const workers = await edgeWorkerd({ root, folder, objects, compatibilityDate: compatibilityDate(), variables, inspectorPort });
  const load = startHelper<Load, Loaded>("edge-load.ts");
  const workerd = await startPart(workers.part, { url: workers.edge });
  try {
    const { connections } = options;
    const cores = availableParallelism();
    const bench: Bench = { ask: load.ask, workerd: workerd.pid, beside: [origin.pid, load.pid], connections, cores };
    await measure(bench, workers, people, options, inspectorPort);
  } finally {
    await workerd.stop();
    load.stop();
    origin.stop();
  }
}

async function measure(
  bench: Bench,
  workers: { edge: string; bare: string },
  people: People,
  options: EdgeOptions,
  inspectorPort: number | undefined,
) {
  const { bare, sides, parts } = sidesOf(workers, people);
  console.error("Warming up …");
  for (const side of [bare, ...sides, ...parts]) await slice(bench, side, options.ms);
  const [, manyKeys] = sides;
  if (options.profile !== undefined && inspectorPort !== undefined && manyKeys) {
    await profileWorker(inspectorPort, "edge", options.profile, () => slice(bench, manyKeys, profileMs));
    return;
  }
  console.error(`${options.rounds} rounds: ${sides.length} pairs and ${parts.length} parts, ${options.ms / 1_000} s each …`);
  console.log(edgeReport(await takeTurns(bench, { bare, sides, parts }, options.rounds, options.ms), { ...bench, ...options }));
}

/** The sides that are held against the bare one, and requests that end early, whose cost is a part of theirs. */
function sidesOf({ edge, bare }: { edge: string; bare: string }, { keys, tokens }: People): { bare: Side; sides: Side[]; parts: Side[] } {
  const path = `/v1/jobs/${job.id}`;
  const good = { origin: edge, path, expected: 200 };
  /** Admitted, and refused for its form before the origin is asked. */
  const malformed = { origin: edge, path: "/v1/jobs/nothing", expected: 400 };
  return {
    bare: { name: "bare forwarder", ...good, origin: bare, credentials: [] },
    sides: [
      { name: "API key, 1 account", ...good, credentials: keys.slice(0, 1) },
      { name: `API key, ${accounts} accounts`, ...good, credentials: keys },
      { name: "token, 1 account", ...good, credentials: tokens.slice(0, 1) },
      { name: `token, ${accounts} accounts`, ...good, credentials: tokens },
    ],
    parts: [
      { name: "middleware and log line alone (/health/live)", origin: edge, path: "/health/live", expected: 200, credentials: [] },
      { name: "… with key, account's object and rates (400)", ...malformed, credentials: keys },
      { name: "… with token, account's object and rates (400)", ...malformed, credentials: tokens },
    ],
  };
}

function compatibilityDate(): string {
  const config = z.object({ compatibility_date: z.string() });
  return config.parse(parse(readFileSync(join(root, "wrangler.toml"), "utf8"))).compatibility_date;
}
