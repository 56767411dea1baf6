import type { GateOptions } from "./gate-options.ts";
import type { Cost, GateRow, GateSummary } from "./gate-summary.ts";
import { table, title } from "./table.ts";

type Result = GateSummary & { options: GateOptions; signaturesTestOnly: boolean };

const ms = (value: number): string => value.toFixed(value < 10 ? 2 : 1);
const share = (value: number): string => `${(100 * value).toFixed(1)} %`;

/** The result as plain text. */
export function gateReport({ rows, all, options, signaturesTestOnly }: Result): string {
  const large = all.largeScan;
  const ofGate = (of: (row: GateRow) => Cost | undefined) => share((of(all)?.processorMs ?? 0) / all.office.processorMs);
  const withLarge = large && all.gate.processorMs - all.scan.processorMs + large.processorMs;
  return [
    title(`Processor time for each document, ms (user and system, programs that were run included), median of ${options.rounds} rounds`),
    table([
      [
        "",
        "kB",
        "LibreOffice",
        "scan",
        ...(large ? ["large scan"] : []),
        "inspect",
        "audit",
        "gate",
        "gate / LibreOffice",
        "font warnings",
      ],
      ...[...rows, all].map((row) => [
        row.name,
        `${Math.ceil(row.bytes / 1_000)}`,
        ...[row.office, row.scan, ...(large ? [row.largeScan ?? row.scan] : []), row.inspect, row.audit, row.gate].map(({ processorMs }) =>
          ms(processorMs),
        ),
        share(row.share),
        ms(row.fonts.processorMs),
      ]),
      [
        "of LibreOffice's",
        "",
        "",
        ofGate((row) => row.scan),
        ...(large ? [ofGate((row) => row.largeScan)] : []),
        ofGate((row) => row.inspect),
        ofGate((row) => row.audit),
        ofGate((row) => row.gate),
        "",
        ofGate((row) => row.fonts),
      ],
    ]),
    title("Latency, ms (medians); the last three as a sealed box tells them of itself"),
    table([
      [
        "",
        "LibreOffice",
        "scan",
        ...(large ? ["large scan"] : []),
        "inspect",
        "audit",
        "gate",
        "inspected_ms",
        "converted_ms",
        "audited_ms",
      ],
      ...[...rows, all].map((row) => [
        row.name,
        ...[row.office, row.scan, ...(large ? [row.largeScan ?? row.scan] : []), row.inspect, row.audit, row.gate].map(({ latencyMs }) =>
          ms(latencyMs),
        ),
        ...[row.sealed.inspectedMs, row.sealed.convertedMs, row.sealed.auditedMs].map((value) => value.toFixed(0)),
      ]),
    ]),
    "",
    "scan: the worker's hashing and sending, and clamd. inspect: unlock's look and the inspection. audit: of the result, whose pages are counted and looked at for being blank. The gate is these three.",
    signaturesTestOnly
      ? "clamd knows two signatures of a test file only; with the official database (millions of signatures) it costs more. That cannot be measured without a mirror of it."
      : "clamd has the official signatures.",
    ...(large && withLarge !== undefined
      ? [
          `large scan: a clamd with ${options.signatures.toLocaleString("en")} random hashes and body patterns, which stand for the size of a database and not for its logical signatures and bytecode. With it the gate is ${share(withLarge / all.office.processorMs)} of LibreOffice's time.`,
        ]
      : []),
    "",
  ].join("\n");
}
