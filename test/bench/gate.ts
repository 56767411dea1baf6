// What the gate costs beside LibreOffice: each of its parts and the bare conversion, on each document in turn, within one run.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { box as boxClient } from "#origin/worker/box.ts";
import { startBox } from "#scripts/stack/box.ts";
import { clamdPart, clamdSocket } from "#scripts/stack/clamd.ts";
import { chooseSignatures, type Signatures } from "#scripts/stack/signatures.ts";
import { startPart } from "#test/support/start-part.ts";
import { startBareUnoServer } from "./bare.ts";
import { type BenchDocument, readDocuments } from "./documents.ts";
import { type GateOptions, parseGateOptions } from "./gate-options.ts";
import { type PartName, startGateProcess } from "./gate-process.ts";
import { gateReport } from "./gate-report.ts";
import { type GateTurns, gateSummary } from "./gate-summary.ts";
import { treeTime } from "./processor-time.ts";
import { convertSealed } from "./sealed.ts";
import { expectQuiet, onStage, type Stage, say } from "./stage.ts";
import { syntheticSignatures } from "./synthetic-signatures.ts";

const root = resolve(import.meta.dirname, "../..");

export async function gate(argv: string[]): Promise<void> {
  const options = parseGateOptions(argv, process.env.INIT_CWD ?? process.cwd());
  await onStage((stage) => measure(options, stage));
}

async function measure(options: GateOptions, { folder, onStop }: Stage): Promise<void> {
  const python = join(root, ".trusty/tools/unoserver/bin/python");
  await expectQuiet();
  const startClamd = async (name: string, signatures: Signatures) => {
    const dir = join(folder, name);
    const started = await startPart(clamdPart({ dir, signatures, logPath: join(folder, `${name}.log`) }, process.env), {
      url: `unix:${clamdSocket(dir)}`,
    });
    onStop(() => started.stop());
    return started;
  };
  say("Starting clamd, a bare UnoServer, a box and the gate's process …");
  const signatures = chooseSignatures(join(folder, "signatures"));
  const scanner = await startClamd("clamd", signatures);
  const large =
    options.signatures > 0 ? await startClamd("clamd-large", syntheticSignatures(join(folder, "large"), options.signatures)) : undefined;
  const bare = await startBareUnoServer({ python, folder: join(folder, "bare") });
  onStop(bare.stop);
  const running = await startBox({ repo: root, lanes: ["office"], python, env: { OFFICE_DOCUMENTS_MAX: "1000000" }, readyMs: 90_000 });
  onStop(() => running.stop());
  const sealed = boxClient(running.address, { allowBare: process.env.ALLOW_BARE_ENGINES === "1", broken: console.error });
  onStop(() => sealed.close());
  const process_ = startGateProcess();
  onStop(process_.stop);

  const gateTurn = async (part: PartName, document: BenchDocument, result: string, clamd: { url: string; pid: number }, forMs: number) => {
    const before = treeTime(clamd.pid);
    const turn = await process_.turn({ part, path: document.path, filename: document.name, result, clamdAddress: clamd.url, forMs });
    return { ...turn, clamdMs: (treeTime(clamd.pid) - before) / turn.latencies.length };
  };
  const officeTurn = async (document: BenchDocument, forMs: number) => {
    const latencies: number[] = [];
    const before = treeTime(bare.pid);
    for (const until = performance.now() + forMs; latencies.length === 0 || performance.now() < until; ) {
      const ms = await bare.convert(document);
      if (ms === undefined) return undefined;
      latencies.push(ms);
    }
    return { latencies, processorMs: (treeTime(bare.pid) - before) / latencies.length };
  };

  const good: { document: BenchDocument; result: string }[] = [];
  mkdirSync(join(folder, "results"));
  for (const [index, document] of (await readDocuments(folder, options.folder)).entries()) {
    if ((await officeTurn(document, 1)) === undefined) {
      say(`Left out, because LibreOffice does not convert it: ${document.name}`);
      continue;
    }
    const result = join(folder, "results", `${index}.pdf`);
    copyFileSync(bare.output, result);
    good.push({ document, result });
  }
  if (good.length === 0) throw new Error("no document is left to measure with");

  const turns: GateTurns[] = [];
  for (let round = 0; round <= options.rounds; round++) {
    say(round === 0 ? "Warming up …" : `Round ${round} of ${options.rounds} …`);
    const forMs = round === 0 ? Math.min(100, options.turnMs) : options.turnMs;
    for (const { document, result } of good) {
      const office = await officeTurn(document, forMs);
      if (!office) throw new Error(`LibreOffice converts ${document.name} no more`);
      const part = (name: PartName, clamd = scanner) => gateTurn(name, document, result, clamd, forMs);
      const measured = {
        name: document.name,
        bytes: document.bytes.byteLength,
        office,
        scan: await part("scan"),
        ...(large && { largeScan: await part("scan", large) }),
        inspect: await part("inspect"),
        audit: await part("audit"),
        fonts: await part("fonts"),
        sealed: await convertSealed(sealed, document),
      };
      if (round > 0) turns.push(measured);
    }
  }
  const result = { options, signaturesTestOnly: signatures.testOnly, ...gateSummary(turns) };
  console.log(gateReport(result));
  if (options.json) writeFileSync(options.json, `${JSON.stringify({ ...result, turns }, null, 1)}\n`);
}
