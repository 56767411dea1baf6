// What a job is expected to keep a slot busy for, before anybody has looked into its file.
import type { Lane } from "#contract/operation.ts";
import { operationOf } from "#contract/operations.ts";

export type CostInput = { bytes: number; contentType: string; operations: readonly string[] };

/** Milliseconds: what each run takes, and what a megabyte adds. Rough on purpose: the end settles with what it took. An operation that is far off declares its own. */
const byLane: Record<Lane, { baseMs: number; perMegabyteMs: number }> = {
  office: { baseMs: 700, perMegabyteMs: 1_500 },
  light: { baseMs: 150, perMegabyteMs: 200 },
};

/** How much heavier a megabyte of a type is than of others: packed tables and plain text unfold, pictures in slides do not. First match. */
const byType: readonly [RegExp, number][] = [
  [/spreadsheet|ms-excel/, 3],
  [/^text\/(csv|tab-separated-values)$/, 4],
  [/^text\/|rtf$/, 2],
  [/presentation|ms-powerpoint/, 0.5],
];

const megabyte = 1_000_000;
const longestMs = 600_000;

/** The sum over the steps; between a tenth of a second and ten minutes. */
export function estimateCost({ bytes, contentType, operations }: CostInput): number {
  const factor = byType.find(([type]) => type.test(contentType))?.[1] ?? 1;
  const ofStep = (operation: string): number => {
    const { lane, cost = byLane[lane] } = operationOf(operation);
    const { baseMs, perMegabyteMs } = cost;
    return baseMs + (perMegabyteMs * factor * bytes) / megabyte;
  };
  const total = operations.reduce((sum, operation) => sum + ofStep(operation), 0);
  return Math.round(Math.min(longestMs, Math.max(100, total)));
}

/** By this much its cost puts a job behind younger ones of its account: ten times, so that a large one is passed only by those that come soon after it. */
export const turnDelayMs = (costMs: number): number => 10 * costMs;
