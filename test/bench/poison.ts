// How other documents fare while one box holds a document that spins to its deadline and another crashes LibreOffice in a loop.
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Job } from "#contract/jobs.ts";
import { tierDefaults } from "#contract/tiers.ts";
import { odt } from "#test/fixtures/documents.ts";
import { fixture } from "#test/fixtures/make.ts";
import { startCrasher } from "#test/support/crasher.ts";
import { type Client, openClient } from "./client.ts";
import { type BenchDocument, readSmallDocuments } from "./documents.ts";
import { type Conversion, poisonReport, type Window } from "./poison-report.ts";
import { expectQuiet, onStage, type Stage, say } from "./stage.ts";
import { startSystem } from "./system.ts";
import { startCounting } from "./usage.ts";

const root = resolve(import.meta.dirname, "../..");
/** One for each poison, and one that is free. */
const officeBoxes = 3;
/** Of the accounts that send the poison: the deadline is what a document may spin for. */
const tier = "free";
const restMs = 3_000;
const usage = "usage: npm run bench -- poison [--rounds N] [--seconds N] [--json FILE]";

export async function poison(argv: string[]): Promise<void> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args: argv, options: { rounds: text, seconds: text, json: text } });
  const rounds = Number(values.rounds ?? 1);
  const seconds = Number(values.seconds ?? 20);
  if (!(Number.isInteger(rounds) && rounds > 0 && seconds > 0)) throw new Error(usage);
  const json = values.json && resolve(process.env.INIT_CWD ?? process.cwd(), values.json);
  await onStage((stage) => measure({ rounds, seconds, json }, stage));
}

type Measured = { rounds: number; seconds: number; json: string | undefined };

async function measure({ rounds, seconds, json }: Measured, { folder, onStop }: Stage): Promise<void> {
  await expectQuiet();
  say(`Starting the system with ${officeBoxes} office boxes …`);
  const python = join(root, ".trusty/tools/unoserver/bin/python");
  const system = await startSystem({ root, folder, python, officeBoxes, onStop });
  const clientOf = (token: string): Client => {
    const client = openClient({ address: system.address, token });
    onStop(client.close);
    return client;
  };
  const usual = clientOf(system.token);
  const spinner = clientOf(await system.tokenOf("spinner", tier));
  const crasher = clientOf(await system.tokenOf("crasher", tier));
  const documents = await readSmallDocuments();
  const roots = { ...system.roots, "bare LibreOffice": [] };

  const window = async (kind: Window["kind"], goesOn: () => boolean): Promise<Window> => {
    const counted = startCounting(roots);
    const conversions = await convertInTurn(usual, documents, goesOn);
    return { kind, conversions, usage: counted() };
  };
  const calm = (forMs: number) => {
    const until = performance.now() + forMs;
    return window("calm", () => performance.now() < until);
  };

  say("Warming up …");
  let turns = documents.length * officeBoxes * 2;
  await convertInTurn(usual, documents, () => turns-- > 0);

  const windows: Window[] = [];
  const ends: Job["problem"][] = [];
  let crashes = 0;
  for (let round = 1; round <= rounds; round++) {
    say(`Round ${round} of ${rounds}: ${seconds} s without poison …`);
    windows.push(await calm(seconds * 1_000));
    say(`Round ${round} of ${rounds}: with it, until the deadline of ${tierDefaults[tier].run_deadline_ms / 1_000} s …`);
    const kills = startCrasher(system.officeBoxes, "odt");
    onStop(kills.stop);
    const spinning = await send(spinner, "endless.docx", readFileSync(await fixture("endless.docx")));
    await spinning.begun();
    let spins = true;
    const spun = spinning.ended().finally(() => {
      spins = false;
    });
    const crashing = crashInLoop(crasher, () => spins);
    while (spins && kills.crashes() === 0) await sleep(20);
    windows.push(await window("poisoned", () => spins));
    ends.push((await spun).problem);
    await crashing;
    kills.stop();
    crashes += kills.crashes();
    await sleep(restMs);
    say(`Round ${round} of ${rounds}: ${seconds} s without it again …`);
    windows.push(await calm(seconds * 1_000));
  }
  const result = { windows, crashes, spun: ends.map((problem) => problem?.code ?? "succeeded"), officeBoxes };
  console.log(poisonReport(result));
  if (json) writeFileSync(json, `${JSON.stringify(result, null, 1)}\n`);
}

/** One document after the other, each from POST /v1/jobs until `?wait` answers that it succeeded. */
async function convertInTurn(client: Client, documents: readonly BenchDocument[], goesOn: () => boolean): Promise<Conversion[]> {
  const conversions: Conversion[] = [];
  for (let turn = 0; goesOn(); turn++) {
    const document = documents[turn % documents.length];
    if (!document) break;
    const upload = await client.upload(document);
    const startedAt = performance.now();
    const job = await client.ended(await client.start(upload));
    if (job.state !== "succeeded") throw new Error(`${document.name} ${job.state}: ${job.problem?.code}`);
    conversions.push({
      name: document.name,
      at: Date.now() - (performance.now() - startedAt),
      ms: performance.now() - startedAt,
      attempt: job.attempt,
      timings: job.timings,
    });
  }
  return conversions;
}

async function send(client: Client, name: string, bytes: Uint8Array) {
  const id = await client.start(await client.upload({ name, bytes }));
  return {
    ended: () => client.ended(id),
    async begun(): Promise<void> {
      while ((await client.read(id)).progress.stage !== "converting") await sleep(20);
    },
  };
}

/** The next one as soon as the last was given up; each with other bytes, because a file that ended two boxes is given to no more. */
async function crashInLoop(client: Client, goesOn: () => boolean): Promise<void> {
  const text = Array.from({ length: 8_000 }, () => "It ends LibreOffice, before it is converted.");
  for (let n = 0; goesOn(); n++) await (await send(client, "crash.odt", odt([`Number ${n}`, ...text]))).ended();
}
