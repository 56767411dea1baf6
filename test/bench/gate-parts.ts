// The gate's parts on one document, each with the code that boxes and the worker run; a process of its own, so that its processor time can be told.
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Trait } from "#contract/jobs.ts";
import { officeToPdf } from "#contract/operations/office-to-pdf.ts";
import { fileBytesMaxOfAllTiers } from "#contract/tiers.ts";
import { audit } from "#origin/engine/audit.ts";
import { refuseBlank } from "#origin/engine/blank/refuse-blank.ts";
import { fontWarnings } from "#origin/engine/fonts/font-warnings.ts";
import { installedFonts } from "#origin/engine/fonts/installed-fonts.ts";
import { inspect } from "#origin/engine/inspect/inspect.ts";
import { resultPages } from "#origin/engine/pdf.ts";
import { openToolbox } from "#origin/engine/toolbox.ts";
import { unlock } from "#origin/engine/unlock/unlock.ts";
import type { Workspace } from "#origin/engine/workspace.ts";
import { clamd } from "#origin/scanner/clamd.ts";
import type { PartAnswer, PartOrder } from "./gate-process.ts";

const { accepts } = officeToPdf;
const limits = { memberBytesMax: fileBytesMaxOfAllTiers };
const chunkBytes = 65_536;
const fonts = await installedFonts(process.cwd());

type Part = (order: PartOrder) => Promise<void>;

const look = (path: string, filename: string, known?: Workspace["content"]) =>
  inspect(path, { name: { filename, contentType: "" }, accepts, limits, known, traits: new Set<Trait>() });

const looks = new Map<string, ReturnType<typeof look>>();
const foundOf = (path: string, filename: string) => {
  const known = looks.get(path) ?? look(path, filename);
  looks.set(path, known);
  return known;
};

const parts: Record<PartOrder["part"], Part> = {
  async inspect({ path, filename }) {
    const absent = { receive: unused, inputAs: unused, replaceInput: unused, wipe: unused };
    const workspace: Workspace = { path: dirname(path), inputPath: () => path, content: undefined, ...absent };
    await unlock(workspace, { password: undefined, python: undefined, signal: new AbortController().signal });
    await look(path, filename, workspace.content);
  },
  async audit({ path, result, filename }) {
    const { type, text } = await foundOf(path, filename);
    const { signal } = new AbortController();
    const toolbox = openToolbox({ cwd: dirname(result), signal, deadlineAt: Date.now() + 60_000, fileBytesMax: fileBytesMaxOfAllTiers });
    const pages = await resultPages(toolbox, result);
    const input = { path, type: type.mime, sizeBytes: (await stat(path)).size, ...(text && { text }) };
    await refuseBlank(toolbox, input, { path: result, pages });
    const planned = { path: result, filename, type: "application/pdf", claims: { pages } };
    await audit([planned], { toolbox, pagesOf: new Map([[result, pages]]), resultBytesMax: fileBytesMaxOfAllTiers });
    await toolbox.close();
  },
  async fonts({ path, filename, result }) {
    const { type } = await foundOf(path, filename);
    const planned = { path: result, filename, type: "application/pdf", claims: {} };
    await fontWarnings({ type, input: path, results: [planned], installed: fonts, signal: new AbortController().signal });
  },
  async scan({ path, clamdAddress }) {
    const scanner = scannerAt(clamdAddress);
    const bytes = await readFile(path);
    const hash = createHash("sha256");
    const scan = await scanner.open(new AbortController().signal);
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      const chunk = bytes.subarray(at, at + chunkBytes);
      hash.update(chunk);
      await scan.write(chunk);
    }
    await scan.verdict();
    hash.digest("hex");
  },
};
const scanners = new Map<string, ReturnType<typeof clamd>>();

process.on("message", (order: PartOrder) => {
  void work(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => process.send?.({ fault: `${order.part} of ${order.filename}: ${error}` } satisfies PartAnswer),
  );
});

/** Again and again for the given time, so that the kernel's coarse clocks say something. */
async function work(order: PartOrder): Promise<PartAnswer> {
  const latencies: number[] = [];
  const before = process.cpuUsage();
  for (const until = performance.now() + order.forMs; latencies.length === 0 || performance.now() < until; ) {
    const startedAt = performance.now();
    await parts[order.part](order);
    latencies.push(performance.now() - startedAt);
  }
  const { user, system } = process.cpuUsage(before);
  return { latencies, ownMs: (user + system) / 1_000 };
}

function scannerAt(address: string): ReturnType<typeof clamd> {
  const scanner =
    scanners.get(address) ?? clamd({ addresses: [address], allowTestSignatures: true, signaturesAgeMaxMs: Number.MAX_SAFE_INTEGER });
  scanners.set(address, scanner);
  return scanner;
}

function unused(): never {
  throw new Error("only the input's place is asked for");
}
