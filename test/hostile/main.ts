// Sends every hostile file through the whole system and prints what came of it.
//   npm run hostile                    all rows but those that take their deadline
//   npm run hostile -- --all           all rows
//   npm run hostile -- --only macros   rows whose title contains that
import { readArguments } from "#scripts/read-arguments.ts";
import { rows } from "./rows.ts";
import { controls } from "./run/controls.ts";
import { type Outcome, openSuite, rowsAtOnce } from "./suite.ts";

const { values } = readArguments(import.meta.filename, {
  options: { all: { type: "boolean", default: false }, only: { type: "string", default: "" } },
});
const wanted = rows.filter(({ title, slow }) => (values.all || !slow) && title.includes(values.only));

const interrupted = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => interrupted.abort());

const tally = { passed: 0, failed: 0, skipped: 0 };
const startedAt = performance.now();
const suite = await openSuite(process.env, interrupted.signal);
interrupted.signal.addEventListener("abort", () => void suite.close().finally(() => process.exit(130)));
try {
  console.log(line(["", "row", "expected", "obtained", "ms"]));
  await together(controls("first"));
  await together(wanted);
  await together(controls("last"));
  for await (const { promise, faults } of suite.findings()) {
    tally[faults.length > 0 ? "failed" : "passed"]++;
    console.log(`${faults.length > 0 ? "FAILED" : "ok    "}  ${promise}${faults.map((fault) => `\n          ${fault}`).join("")}`);
  }
} finally {
  await suite.close();
}
const left = rows.length - wanted.length;
if (left > 0) console.log(`${left} rows were not asked for${values.all ? "" : "; --all runs those that take a minute each too"}`);
console.log(`${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
console.log(`${tally.passed} passed, ${tally.failed} failed${tally.skipped > 0 ? `, ${tally.skipped} skipped` : ""}`);
process.exitCode = tally.failed > 0 ? 1 : 0;

async function together(some: readonly (typeof rows)[number][]): Promise<void> {
  const queue = some.values();
  await Promise.all(
    Array.from({ length: rowsAtOnce }, async () => {
      for (const row of queue)
        tell(await suite.run(row).catch((error): Outcome => ({ row, obtained: "no end", faults: [String(error)], ms: 0 })));
    }),
  );
}

function tell({ row, obtained, faults, ms }: Outcome): void {
  const { title, refused = [], succeeded, known } = row;
  const verdict = faults.length === 0 ? "passed" : known === undefined ? "failed" : "skipped";
  tally[verdict]++;
  const mark = { passed: "ok", failed: "FAILED", skipped: "known" }[verdict];
  const expected = [...refused, ...(succeeded ? ["succeeded"] : [])].join(" | ");
  console.log(line([mark, title, expected, obtained, `${ms}`]));
  for (const fault of faults) console.log(`          ${fault.slice(0, 300)}`);
  if (known !== undefined) console.log(`          known: ${known}${faults.length === 0 ? " (holds now: take the mark away)" : ""}`);
}

function line([mark = "", title = "", expected = "", obtained = "", ms = ""]: readonly string[]): string {
  return `${mark.padEnd(7)} ${title.padEnd(84)} ${expected.padEnd(44)} ${obtained.padEnd(24)} ${ms.padStart(6)}`;
}
