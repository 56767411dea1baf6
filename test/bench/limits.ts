// The limiter under load, in workerd: 10,000 requests of 50 accounts, again while objects are evicted, and the memory of accounts that come and go.
import { isExact, type Load, limiterLoad, type Report } from "#test/edge/support/limiter-load.ts";
import { memoryOf } from "#test/edge/support/processes.ts";
import { type RunningEdge, startEdge } from "#test/edge/support/start-edge.ts";

const load = { accounts: 50, requestsPerAccount: 200, connections: 100, rate: { per_minute: 120, burst: 60 } };
const visitors = { accounts: 500, requestsPerAccount: 2, connections: 50, rate: load.rate };
const forgetMs = 5_000;

/** Prints what was measured, and throws when the limiter admitted more than it may, or too little. */
export async function limits(): Promise<void> {
  const edge = await startEdge({ controls: true, variables: { ACCOUNT_FORGET_MS: `${forgetMs}` } });
  try {
    const calm = await measure(edge, "undisturbed", { ...load, name: "calm" });
    const evicted = await measure(edge, "with evictions", { ...load, name: "evicted", evictions: 4 });
    await comeAndGo(edge);
    if (!calm || !evicted) throw new Error("the limiter was not exact");
  } finally {
    await edge.stop();
  }
}

async function measure(edge: RunningEdge, title: string, one: Load): Promise<boolean> {
  const report = await limiterLoad(edge, one);
  console.log(`${title}: ${describe(report)}`);
  return report.uncounted === 0 && report.outcomes.every(isExact);
}

function describe({ outcomes, seconds, uncounted, statuses }: Report): string {
  const sum = (part: "asked" | "admitted" | "most" | "unfounded") => outcomes.reduce((all, one) => all + one[part], 0);
  const above = outcomes.filter(({ admitted, most }) => admitted > most).length;
  return [
    `${sum("asked")} requests in ${seconds.toFixed(1)} s (statuses ${statuses.join(", ")})`,
    `${sum("admitted")} admitted; burst + rate × time allows ${sum("most")}, by what clients can know of the time`,
    `${above} accounts above, ${sum("unfounded")} refusals unfounded, ${uncounted} let through uncounted`,
  ].join("\n  ");
}

async function comeAndGo(edge: RunningEdge): Promise<void> {
  const megabytes = () => Math.round(memoryOf(edge.pid) / 1_000_000);
  const readings = [megabytes()];
  for (let round = 0; round < 4; round++) {
    await limiterLoad(edge, { ...visitors, name: `visitor-${round}` });
    readings.push(megabytes());
  }
  console.log(`memory of workerd and wrangler, before and after each ${visitors.accounts} new accounts: ${readings.join(", ")} MB`);
}
