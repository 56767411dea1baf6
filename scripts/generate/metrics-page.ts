import { Registry } from "prom-client";
import { metrics as ofProcess } from "#origin/metrics/registry.ts";
import { stateGauges } from "#origin/metrics/state-gauges.ts";
import { workMeter } from "#origin/metrics/work-meter.ts";
import "#origin/security-log.ts";
import { table } from "./table.ts";

type Named = { name: string; help: string; labelNames?: readonly string[] };
type Metric = Named & { constructor: { name: string } };

export function metricsPage() {
  const registry = new Registry();
  workMeter(registry);
  stateGauges(registry, async () => ({}));
  // prom-client's type leaves out the labels, which every metric has.
  const found = [...registry.getMetricsAsArray(), ...ofProcess.getMetricsAsArray()] as unknown as Metric[];
  const rows = found.map(({ name, help, labelNames = [], constructor: kind }) => [
    `\`${name}\``,
    kind.name.toLowerCase(),
    labelNames.map((label) => `\`${label}\``).join(" ") || "–",
    help,
  ]);
  const text = `<!-- Made by \`npm run generate\` from origin/metrics/. Do not edit. -->
# Metrics

With \`METRICS_PORT\` a process of the origin answers \`/metrics\` (Prometheus' text format) and \`/health/detailed\` at \`METRICS_HOST\`, which is the loopback address unless another is said. Nobody is asked for a credential there: it must never be reachable from outside.
Every process counts its own work. What is looked up (backlog, boxes, Redis, database) is at most five seconds old, and absent when it does not answer in time; backlog and boxes are the same from every process, so take one of them or the maximum.
To these come the usual ones of Node (\`process_*\`, \`nodejs_*\`).

${table(["Metric", "Kind", "Labels", "Meaning"], rows)}

Administrators get the same detailed health through the edge, at \`/v1/admin/health\`, of the api process that happens to answer.

## The event of a run

Each run of a job leaves one line in the log, \`"msg":"job run"\`: \`job\`, \`attempt\`, \`account\`, \`tier\`, \`class\`, \`lane\`, \`operation\`, \`outcome\` (\`succeeded\`, \`failed\`, \`handed-back\`, \`superseded\`), \`problem\`, \`ended_by\`, \`box\`, \`wait_ms\`, \`run_ms\`, \`steps_ms\`, \`cost_ms\`, \`scan\`, sizes, pages and warnings. File names, object keys, options and passwords are in no line of the log.
`;
  return { path: "docs/metrics.md", text };
}
