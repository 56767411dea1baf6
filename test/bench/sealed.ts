// One document through a sealed box, as the worker does it, for the times that the box tells of its own parts.
import { createReadStream } from "node:fs";
import type { Box } from "#origin/worker/box.ts";
import type { BenchDocument } from "./documents.ts";

export type SealedTimes = { inspectedMs: number; convertedMs: number; auditedMs: number };

const deadlineMs = 120_000;

export async function convertSealed(box: Box, { name, path, bytes }: BenchDocument): Promise<SealedTimes> {
  const signal = AbortSignal.timeout(deadlineMs);
  const task = await box.open();
  if (!task) throw new Error("the box takes no task");
  try {
    await task.put(createReadStream(path), bytes.byteLength, signal);
    await task.unlock(undefined, signal);
    const steps = [{ operation: "office.to-pdf", options: {} }];
    const done = await task.run(
      { filename: name, content_type: "", steps, deadline_ms: deadlineMs },
      ["application/pdf"],
      () => {},
      signal,
    );
    return { inspectedMs: done.inspected_ms, convertedMs: done.converted_ms, auditedMs: done.audited_ms };
  } finally {
    await task.end();
  }
}
