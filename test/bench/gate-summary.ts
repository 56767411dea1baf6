// The numbers of a run of the gate's bench, from its turns.
import type { Turn } from "./gate-process.ts";
import type { SealedTimes } from "./sealed.ts";
import { median, sum } from "./statistics.ts";

type GateTurn = Turn & { clamdMs: number };
export type GateTurns = {
  name: string;
  bytes: number;
  office: { latencies: number[]; processorMs: number };
  scan: GateTurn;
  largeScan?: GateTurn;
  inspect: GateTurn;
  audit: GateTurn;
  fonts: GateTurn;
  sealed: SealedTimes;
};

/** Processor time and latency of one part, for one document. */
export type Cost = { processorMs: number; latencyMs: number };
type Costs = { office: Cost; scan: Cost; inspect: Cost; audit: Cost; fonts: Cost };
export type GateRow = Costs & { name: string; bytes: number; largeScan?: Cost; sealed: SealedTimes; gate: Cost; share: number };
export type GateSummary = { rows: GateRow[]; all: GateRow };

export function gateSummary(turns: readonly GateTurns[]): GateSummary {
  const names = [...new Set(turns.map(({ name }) => name))];
  const rows = names.map((name) => rowOf(turns.filter((turn) => turn.name === name)));
  return { rows, all: meanOf(rows) };
}

function rowOf(turns: readonly GateTurns[]): GateRow {
  const [{ name, bytes }] = turns as [GateTurns]; // its name came from one of them
  const latencyOf = (lists: readonly { latencies: number[] }[]) => median(lists.flatMap(({ latencies }) => latencies));
  const costOf = (list: readonly GateTurn[]): Cost => ({
    processorMs: median(list.map(({ ownMs, programsMs, clamdMs }) => ownMs + programsMs + clamdMs)),
    latencyMs: latencyOf(list),
  });
  const told = (key: keyof SealedTimes) => median(turns.map(({ sealed }) => sealed[key]));
  const large = turns.flatMap(({ largeScan }) => largeScan ?? []);
  const offices = turns.map(({ office }) => office);
  const costs = {
    office: { processorMs: median(offices.map(({ processorMs }) => processorMs)), latencyMs: latencyOf(offices) },
    scan: costOf(turns.map(({ scan }) => scan)),
    inspect: costOf(turns.map(({ inspect }) => inspect)),
    audit: costOf(turns.map(({ audit }) => audit)),
    fonts: costOf(turns.map(({ fonts }) => fonts)),
  };
  const sealed = { inspectedMs: told("inspectedMs"), convertedMs: told("convertedMs"), auditedMs: told("auditedMs") };
  return { name, bytes, ...costs, ...(large.length > 0 && { largeScan: costOf(large) }), sealed, ...gateOf(costs) };
}

function gateOf({ office, scan, inspect, audit }: Costs): { gate: Cost; share: number } {
  const parts = [scan, inspect, audit];
  const processorMs = sum(parts.map((part) => part.processorMs));
  return { gate: { processorMs, latencyMs: sum(parts.map((part) => part.latencyMs)) }, share: processorMs / office.processorMs };
}

function meanOf(rows: readonly GateRow[]): GateRow {
  const mean = (of: (row: GateRow) => number) => sum(rows.map(of)) / rows.length;
  const cost = (of: (row: GateRow) => Cost): Cost => ({
    processorMs: mean((row) => of(row).processorMs),
    latencyMs: mean((row) => of(row).latencyMs),
  });
  const costs = {
    office: cost(({ office }) => office),
    scan: cost(({ scan }) => scan),
    inspect: cost(({ inspect }) => inspect),
    audit: cost(({ audit }) => audit),
    fonts: cost(({ fonts }) => fonts),
  };
  const large = rows.every(({ largeScan }) => largeScan) && { largeScan: cost(({ largeScan, scan }) => largeScan ?? scan) };
  const sealed = {
    inspectedMs: mean((row) => row.sealed.inspectedMs),
    convertedMs: mean((row) => row.sealed.convertedMs),
    auditedMs: mean((row) => row.sealed.auditedMs),
  };
  return { name: "mean", bytes: mean(({ bytes }) => bytes), ...costs, ...large, sealed, ...gateOf(costs) };
}
