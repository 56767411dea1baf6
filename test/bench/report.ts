import type { MachineFacts } from "./machine.ts";
import type { Options } from "./options.ts";
import type { Summary } from "./summary.ts";
import { ms, percent, rate, table, title } from "./table.ts";
import { type PartName, parts } from "./usage.ts";

const rates = (values: readonly number[]): string => values.map((value) => value.toFixed(2)).join("  ");

/** The result as plain text. */
export function report({ facts, options, ...result }: Summary & { facts: MachineFacts; options: Options }): string {
  const { throughput, slotUse, latency, processorMs, inBacklog, busy, others, slots, cores } = result;
  const later = (share: "p50" | "p95") => latency.path[share] - latency.bare[share];
  const added = total(processorMs.path) - libreOffice(processorMs.path);
  return [
    title("Machine"),
    table(Object.entries(facts)),
    title(`Throughput: ${result.documents} documents a round, ${options.rounds} rounds each way in turn, median`),
    table([
      ["whole path", rate(throughput.path), `rounds: ${rates(throughput.pathRounds)}`],
      [`${slots} bare UnoServers`, rate(throughput.bare), `rounds: ${rates(throughput.bareRounds)}`],
      ["path / bare", throughput.ratio.toFixed(2)],
      [
        "the same by processor time",
        (total(processorMs.bare) / total(processorMs.path)).toFixed(2),
        "what it would be if only the cores were the limit, and ours alone",
      ],
      [
        "by processor time, origin only",
        (atOrigin(processorMs.bare) / atOrigin(processorMs.path)).toFixed(2),
        "without edge, emulated R2 and this client, which run elsewhere in production",
      ],
      ["whole path, uploads on the clock", rate(throughput.withUploads)],
      ["cores busy with ours, path / bare", `${percent(busy.path)} / ${percent(busy.bare)}`],
      ["cores busy with others", percent(Math.max(...others.path, ...others.bare)), "worst round; above 5 % the run says little"],
    ]),
    title(`Slots: ${slots} office boxes on ${cores} cores, while the backlog lasts`),
    table([
      ["a slot converts", percent(slotUse.converting), "converted_ms of all jobs / (wall time × slots)"],
      ["a slot belongs to a job", percent(slotUse.taken)],
      [`at least ${Math.min(cores, slots)} slots convert`, percent(slotUse.coresFed), "of the wall time"],
      ["slots that convert at once", slotUse.atOnce.map((share, count) => `${count}: ${percent(share)}`).join(", ")],
      [
        "a job in the backlog",
        `converted ${ms(inBacklog.converted)}, fetched and scanned ${ms(inBacklog.fetchedAndScanned)}, stored ${ms(inBacklog.stored)} (medians)`,
      ],
      ["the same on a bare UnoServer", ms(inBacklog.bareConverted)],
      ["jobs accepted", rate(inBacklog.startedPerSecond)],
    ]),
    title(`Latency of one small document, ${options.repetitions} times each way in turn`),
    table([
      ["", "p50", "p95"],
      ...(["path", "bare"] as const).map((name) => [name, ms(latency[name].p50), ms(latency[name].p95)]),
      ["added", ms(later("p50")), ms(later("p95"))],
      ...(["upload", "start", "queued", "fetchedAndScanned", "converted", "stored", "total"] as const).map((name) => [
        names[name],
        ms(latency[name].p50),
        ms(latency[name].p95),
      ]),
    ]),
    title("Processor time for each document (user and system, children included), median of the rounds"),
    table([
      ["", "path", "of the whole", "upload before it", "bare"],
      ...parts.map((part) => [part, ...columns(processorMs, part)]),
      ["all", ms(total(processorMs.path)), "", ms(total(processorMs.upload)), ms(total(processorMs.bare))],
      ["all but LibreOffice", ms(added), "", "", ms(total(processorMs.bare) - processorMs.bare["bare LibreOffice"])],
      ["the origin's of it", ms(atOrigin(processorMs.path) - libreOffice(processorMs.path)), "", "", ""],
    ]),
    "",
  ].join("\n");
}

const names = {
  upload: "  upload, before the clock: ticket and PUT",
  start: "  POST /v1/jobs",
  queued: "  queued_ms: row written until a worker took it",
  fetchedAndScanned: "  scanned_ms: fetched, into box and scanner, verdict",
  converted: "  converted_ms: the box's run, with inspection and audit",
  stored: "  stored_ms",
  total: "  total_ms: all of the run",
};

const total = (work: Record<PartName, number>): number => parts.reduce((sum, part) => sum + work[part], 0);

const libreOffice = (work: Record<PartName, number>): number => work.LibreOffice + work["bare LibreOffice"];
const elsewhere = ["edge + R2 emulator", "client (this bench)"] as const satisfies PartName[];
const atOrigin = (work: Record<PartName, number>): number => elsewhere.reduce((left, part) => left - work[part], total(work));

const columns = ({ path, upload, bare }: Summary["processorMs"], part: PartName): string[] => [
  ms(path[part]),
  percent(path[part] / total(path)),
  ms(upload[part]),
  ms(bare[part]),
];
