import type { Books, Reconciliation } from "./reconcile.ts";

/** Prints how the books stand to each other; answers the exit code: 0 where they agree, or do now. */
export function tellBooks({ accounts, differences, repaired }: Reconciliation): 0 | 1 {
  const count = `${accounts} account${accounts === 1 ? "" : "s"}`;
  if (differences.length === 0) {
    console.log(`The books of ${count} agree.`);
    return 0;
  }
  console.log("conversions / input bytes / pages / OCR pages");
  console.table(differences.map(row));
  console.log(`${differences.length} of the months of ${count} differ.`);
  if (!repaired) return 1;
  console.log("Repaired: the counters (usage_periods) of these months were counted anew. The ledger was not touched.");
  return differences.some(({ jobs, ledger }) => jobs !== null && `${jobs}` !== `${ledger}`) ? 1 : 0;
}

function row({ account, period, ...sums }: Books): Record<string, string> {
  const told = Object.entries(sums).map(([name, values]) => [name, values?.join(" / ") ?? "(deleted)"]);
  return { account, month: period, ...Object.fromEntries(told) };
}
