// Many documents through the whole system, and what its parts hold meanwhile: memory, files, threads, workspaces, keys, tables.
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { openClient } from "./client.ts";
import { readDocuments, takeInTurn } from "./documents.ts";
import { shareOut } from "./share-out.ts";
import { soakReport } from "./soak-report.ts";
import { openSampler, type Sample } from "./soak-sample.ts";
import { expectQuiet, onStage, type Stage, say } from "./stage.ts";
import { startSystem } from "./system.ts";

const root = resolve(import.meta.dirname, "../..");
const officeBoxes = 2;
/** Jobs that the client has under way at once: more than there are boxes, so that some always wait. */
const atOnce = 6;
const usual = { documents: 2_000, recycle: 100, every: 5, minutes: 600 };
/** LibreOffice is replaced more often, so that its memory has risen and fallen some times. */
const short = { ...usual, documents: 200, recycle: 12, every: 1 };
const usage =
  "usage: npm run bench -- soak [--short] [--documents N] [--minutes N] [--recycle N] [--every SECONDS] [--folder DIR] [--json FILE]";

type Options = typeof usual & { folder?: string; json?: string };

export async function soak(argv: string[]): Promise<void> {
  const text = { type: "string" } as const;
  const options = { documents: text, minutes: text, recycle: text, every: text, folder: text, json: text };
  const { values } = parseArgs({ args: argv, options: { ...options, short: { type: "boolean" } } });
  const standard = values.short ? short : usual;
  const count = (name: keyof typeof usual): number => {
    const value = Number(values[name] ?? standard[name]);
    if (!(Number.isInteger(value) && value > 0)) throw new Error(usage);
    return value;
  };
  const place = (path: string) => resolve(process.env.INIT_CWD ?? process.cwd(), path);
  const chosen: Options = {
    ...{ documents: count("documents"), minutes: count("minutes"), recycle: count("recycle"), every: count("every") },
    ...(values.folder !== undefined && { folder: place(values.folder) }),
    ...(values.json !== undefined && { json: place(values.json) }),
  };
  await onStage((stage) => measure(chosen, stage));
}

async function measure({ documents, minutes, recycle, every, folder: own, json }: Options, { folder, onStop }: Stage): Promise<void> {
  await expectQuiet();
  say(`Starting the system with ${officeBoxes} office boxes, each LibreOffice for ${recycle} documents …`);
  const python = join(root, ".trusty/tools/unoserver/bin/python");
  const system = await startSystem({ root, folder, python, officeBoxes, officeDocumentsMax: recycle, tidy: true, onStop });
  const client = openClient(system);
  onStop(client.close);
  const turns = takeInTurn(await readDocuments(folder, own), documents);

  let done = 0;
  let failed = 0;
  const until = performance.now() + minutes * 60_000;
  const sampler = await openSampler(system);
  onStop(sampler.close);
  const samples: Sample[] = [];
  const sample = async () => void samples.push(await sampler.sample(done));
  say(`${documents} documents, ${atOnce} at once, a look each ${every} s …`);
  const startedAt = performance.now();
  let working = true;
  const looking = (async () => {
    for (let told = 0; working; await sleep(every * 1_000)) {
      await sample();
      if (done >= told + documents / 10) {
        told = done;
        say(`${done} documents in ${((performance.now() - startedAt) / 60_000).toFixed(1)} minutes`);
      }
    }
  })();
  await shareOut(turns, atOnce, async (document) => {
    if (performance.now() > until) return;
    const job = await client.ended(await client.start(await client.upload(document)));
    if (job.state !== "succeeded") {
      failed++;
      say(`${document.name} ${job.state}: ${job.problem?.code}`);
    }
    done++;
  });
  working = false;
  await looking;
  const result = { documents: done, failed, seconds: (performance.now() - startedAt) / 1_000, samples, atRest: await sampler.atRest(done) };
  console.log(soakReport(result));
  if (json) writeFileSync(json, `${JSON.stringify(result, null, 1)}\n`);
}
