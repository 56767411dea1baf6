import { Problem } from "#contract/problems.ts";
import { clock, type PipelineStep } from "../run.ts";
import { passwordOf } from "./password-of.ts";
import { taskOf } from "./task-of.ts";

/**
 * Has the box decrypt an encrypted input, and scans the plaintext, which nobody has looked into yet.
 * What the scanner could not read and the box cannot decrypt is refused.
 */
export const unlock: PipelineStep = async (run, { scanner }) => {
  const startedAt = performance.now();
  const task = taskOf(run);
  const password = passwordOf(run);
  const { was_encrypted, pages } = await task.unlock(password, run.signal);
  run.inspected = { ...(pages !== undefined && { pages }) };
  if (!was_encrypted) {
    if (run.scan) return;
    if (password === undefined) throw new Problem("input-encrypted");
    throw new Problem("encrypted-unsupported", "A part of the file is encrypted, and the password is not for that part.");
  }
  run.input = { ...run.input, traits: ["encrypted"] };
  delete run.scan;
  const scan = await scanner.open(run.signal);
  try {
    for await (const chunk of await task.input(run.signal)) await scan.write(chunk);
    run.scan = await scan.verdict();
  } finally {
    scan.abandon();
  }
  clock(run, "scanned_ms", startedAt);
};
