import { parts } from "./parts.ts";
import { runProgram } from "./run-program.ts";
import type { Tally } from "./tally.ts";

const atOnce = 2;

/** Runs every part, two at a time, and says how each ended; the output of those that failed follows. */
export async function runParts(root: string, say: (line: string) => void): Promise<Tally> {
  const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
  const queue = parts.values();
  const work = Array.from({ length: atOnce }, async () => {
    for (const { name, command } of queue) {
      const { ok, output, seconds } = await runProgram(command, { cwd: root, withinMs: 600_000 });
      say(`${ok ? "ok  " : "FAIL"} ${name} (${seconds.toFixed(1)} s)`);
      if (!ok) say(output.trimEnd().replace(/^/gm, "     "));
      tally[ok ? "passed" : "failed"]++;
    }
  });
  await Promise.all(work);
  return tally;
}
