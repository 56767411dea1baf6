// What containers cost: the same documents over the path of the native stack and over that of docker/compose.yaml, in turn, within one run.
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { localKey } from "#scripts/stack/local-key.ts";
import type { Project } from "#test/docker/support/project.ts";
import { newProject, startProject } from "#test/docker/support/start-project.ts";
import { unhurried } from "#test/support/unhurried.ts";
import { openClient } from "./client.ts";
import { readDocuments, takeInTurn } from "./documents.ts";
import { parseOptions } from "./options.ts";
import { type PathRound, pathRound } from "./rounds.ts";
import { shareOut } from "./share-out.ts";
import { expectQuiet, onStage, say } from "./stage.ts";
import { median, quantile } from "./statistics.ts";
import { startSystem } from "./system.ts";
import { ms, rate, table } from "./table.ts";
import type { Roots } from "./usage.ts";

const root = resolve(import.meta.dirname, "../..");
const restMs = 2_000;

export async function containers(argv: string[]): Promise<void> {
  const options = parseOptions(argv, process.env.INIT_CWD ?? process.cwd());
  await onStage(async ({ folder, onStop }) => {
    const engines = availableParallelism();
    await expectQuiet();
    const { project, down } = await newProject("trusty-bench", { ENGINES: `${engines}`, LIGHT_ENGINES: "1" });
    onStop(down);
    say("Building the images, and starting both systems …");
    await project.compose("build", "--quiet");
    await startProject(project);
    const python = join(root, ".trusty/tools/unoserver/bin/python");
    const native = await startSystem({ root, folder, python, officeBoxes: engines, onStop });
    const sides = [
      { client: openClient(native), roots: { ...native.roots, "bare LibreOffice": [] }, rounds: [] as PathRound[] },
      { client: openClient(await apiOf(project)), roots: await rootsOf(project), rounds: [] as PathRound[] },
    ] as const;
    for (const { client } of sides) onStop(client.close);

    const documents = await readDocuments(folder, options.folder);
    say(`Warming up with ${documents.length} documents …`);
    for (const { client } of sides)
      for (let turn = 0; turn < engines; turn++)
        await shareOut(documents, engines, async (document) => client.ended(await client.start(await client.upload(document))));
    const round = takeInTurn(documents, options.documents);
    for (let index = 0; index < options.rounds; index++)
      for (const { client, roots, rounds } of sides) {
        await sleep(restMs);
        rounds.push(await pathRound(client, round, roots));
      }
    const [alone, contained] = sides.map(({ rounds }) => figures(rounds));
    if (!alone || !contained) throw new Error("nothing was measured");
    const row = (name: string, shown: (value: number) => string, key: keyof typeof alone) => [
      name,
      shown(alone[key]),
      shown(contained[key]),
      (contained[key] / alone[key]).toFixed(2),
    ];
    console.log(
      table([
        [`${options.rounds} rounds of ${round.length} documents, ${engines} office boxes`, "native", "containers", "ratio"],
        row("documents", rate, "perSecond"),
        row("a job from start to end, p50", ms, "p50"),
        row("a job from start to end, p95", ms, "p95"),
        row("processor time a document", ms, "processorMs"),
      ]),
    );
  });
}

function figures(rounds: readonly PathRound[]) {
  const totals = rounds.flatMap(({ jobs }) => jobs.map(({ timings }) => timings.total_ms ?? Number.NaN));
  const ofUs = ({ usage }: PathRound) =>
    Object.entries(usage.byPart).reduce((all, [part, spent]) => (part.startsWith("client") ? all : all + spent), 0);
  return {
    perSecond: median(rounds.map(({ documents, wallMs }) => (documents * 1_000) / wallMs)),
    p50: median(totals),
    p95: quantile(totals, 0.95),
    processorMs: median(rounds.map((one) => ofUs(one) / one.documents)),
  };
}

async function apiOf(project: Project): Promise<{ address: string; token: string }> {
  const origin = { originHost: await project.addressOf("api", "front"), originPort: 8788, edgeKey: await project.secret("edge_key") };
  const { key } = await localKey(origin, { account: "bench", tier: "enterprise", minutes: 120, limits: unhurried });
  return { address: project.address, token: key };
}

async function rootsOf(project: Project): Promise<Roots> {
  const pids = async (...services: string[]) => (await Promise.all(services.map(project.containersOf))).flat().map(({ pid }) => pid);
  return {
    "edge + R2 emulator": await pids("edge"),
    api: await pids("api"),
    worker: await pids("worker"),
    Redis: await pids("redis"),
    PostgreSQL: await pids("postgres"),
    clamd: await pids("clamav"),
    "boxes without LibreOffice": await pids("engine", "engine-light"),
    "bare LibreOffice": [],
  };
}
