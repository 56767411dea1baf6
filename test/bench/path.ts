// The same documents through the whole public path and straight into bare UnoServers, in turn, within one run.
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { usualBoxes } from "#scripts/stack/boxes.ts";
import { type BareUnoServer, startBareUnoServer } from "./bare.ts";
import { openClient } from "./client.ts";
import { readDocuments, readSmallDocument, takeInTurn } from "./documents.ts";
import { latency } from "./latency.ts";
import { machineFacts } from "./machine.ts";
import { type Options, parseOptions } from "./options.ts";
import { report } from "./report.ts";
import { type BareRound, bareRound, type PathRound, pathRound, warmUp } from "./rounds.ts";
import { expectQuiet, onStage, type Stage, say } from "./stage.ts";
import { summary } from "./summary.ts";
import { startSystem } from "./system.ts";
import type { Roots } from "./usage.ts";

const root = resolve(import.meta.dirname, "../..");
/** What a round leaves behind (boxes that are wiped, files that are flushed) is not the next one's to pay. */
const restMs = 700;

export async function path(argv: string[]): Promise<void> {
  const options = parseOptions(argv, process.env.INIT_CWD ?? process.cwd());
  await onStage((stage) => measure(options, stage));
}

async function measure(options: Options, { folder, onStop }: Stage): Promise<void> {
  const cores = availableParallelism();
  const slots = usualBoxes(cores).office;
  const python = join(root, ".trusty/tools/unoserver/bin/python");
  await expectQuiet();

  const documents = await readDocuments(folder, options.folder);
  const small = await readSmallDocument();
  say(`Starting the system with ${slots} office boxes, and ${slots} bare UnoServers …`);
  const system = await startSystem({
    root,
    folder,
    python,
    officeBoxes: slots,
    onStop,
    ...(options.profile && { profile: options.profile }),
  });
  const servers: BareUnoServer[] = [];
  for (let index = 0; index < slots; index++) {
    const server = await startBareUnoServer({ python, folder: join(folder, `bare-${index}`) });
    servers.push(server);
    onStop(server.stop);
  }
  const roots: Roots = { ...system.roots, "bare LibreOffice": servers.map(({ pid }) => pid) };
  const client = openClient(system);
  onStop(client.close);

  say(`Warming up with ${documents.length} documents on each of ${slots * 2} servers, ${options.warmUps} times …`);
  const { good, left } = await warmUp({ client, servers }, [...documents, small], options.warmUps);
  if (left.length > 0) say(`Left out, because LibreOffice does not convert them: ${left.join(", ")}`);
  if (good.length === 0) throw new Error("no document is left to measure with");
  const round = takeInTurn(good.slice(0, good.includes(small) ? -1 : undefined), options.documents);

  const pathRounds: PathRound[] = [];
  const bareRounds: BareRound[] = [];
  for (let index = 0; index < options.rounds; index++) {
    await sleep(restMs);
    say(`Round ${index + 1} of ${options.rounds}: ${round.length} documents over the path …`);
    pathRounds.push(await pathRound(client, round, roots));
    await sleep(restMs);
    say(`Round ${index + 1} of ${options.rounds}: ${round.length} documents into bare UnoServers …`);
    bareRounds.push(await bareRound(servers, round, roots));
  }
  await sleep(restMs);
  say(`Latency of ${small.name}, ${options.repetitions} times each way …`);
  const pairs = await latency(client, servers, small, options.repetitions);

  const [job] = pathRounds[0]?.jobs ?? [];
  if (!job) throw new Error("no job ran");
  const facts = await machineFacts(root, job, system.signatures);
  const result = { facts, options, ...summary({ pathRounds, bareRounds, pairs, slots, cores }) };
  console.log(report(result));
  if (options.json) writeFileSync(options.json, `${JSON.stringify({ ...result, pathRounds, bareRounds, pairs }, null, 1)}\n`);
}
