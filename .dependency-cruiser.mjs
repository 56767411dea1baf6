// Who may import whom (STYLE.md's rooms), on resolved paths. `npm run check` runs it.
const only = (name, comment, from, allowed) => ({ name, comment, severity: "error", from, to: { pathNot: allowed } });
const never = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

const npm = (...names) => `(^|/)node_modules/(${names.join("|")})(/|$)`;
const test = "\\.test\\.ts$";
const nodeBuiltIns = { dependencyTypes: ["core"] };

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    only(
      "contract-is-closed",
      "The contract imports zod and itself.",
      { path: "^contract/", pathNot: ["^contract/(routes/|openapi\\.ts$)", test] },
      ["^contract/", npm("zod")],
    ),
    only(
      "routes-are-closed",
      "The routes import @hono/zod-openapi and the contract.",
      { path: "^contract/(routes/|openapi\\.ts$)", pathNot: test },
      ["^contract/", npm("zod", "@hono/zod-openapi")],
    ),
    only(
      "operations-are-closed",
      "An operation imports zod and the helpers beside its folder.",
      { path: "^contract/operations/", pathNot: [test, "\\.gen\\.ts$"] },
      ["^contract/(operation|page-ranges|password|media|problems)\\.ts$", npm("zod")],
    ),
    only("edge-is-a-worker", "The edge imports the contract and packages that run in workerd.", { path: "^edge/", pathNot: test }, [
      "^(contract|edge)/",
      "node_modules/",
      "^cloudflare:",
    ]),
    never("edge-without-node", "The edge runs in workerd: no node: modules.", { path: "^edge/", pathNot: test }, nodeBuiltIns),
    never(
      "doors-are-thin",
      "Doors call verbs; they know neither SQL nor queues nor processes.",
      { path: "^(edge|origin/http)/" },
      {
        path: ["^(node:)?child_process$", npm("pg", "ioredis", "bullmq", "drizzle-orm", "@electric-sql/pglite")],
      },
    ),
    never(
      "bullmq-has-one-room",
      "Only origin/queue knows BullMQ.",
      { path: "^origin/", pathNot: ["^origin/queue/", test] },
      { path: npm("bullmq") },
    ),
    never(
      "one-spawn",
      "Only origin/engine/exec.ts starts processes.",
      { path: "^origin/", pathNot: ["^origin/engine/exec\\.ts$", test] },
      {
        path: "^(node:)?child_process$",
      },
    ),
    never(
      "the-box-is-closed",
      "The engine box holds no secret and knows no other room.",
      { path: "^origin/engine/", pathNot: test },
      {
        pathNot: ["^(contract|origin/engine)/", npm("zod", "sharp")],
        dependencyTypesNot: ["core"],
      },
    ),
    never(
      "the-box-without-routes",
      "The engine's image holds zod and sharp, and no other package.",
      { path: "^origin/engine/", pathNot: test },
      { path: npm("@hono", "hono"), reachable: true },
    ),
    never(
      "nobody-reaches-into-the-box",
      "The origin speaks to boxes over HTTP.",
      { path: "^origin/(?!engine/)", pathNot: test },
      { path: "^origin/engine/" },
    ),
    never("origin-without-edge", "The origin never imports the edge.", { path: "^origin/" }, { path: "^edge/" }),
    never(
      "nobody-imports-scripts-or-tests",
      "Scripts and tests are never part of the product.",
      { path: "^(contract|edge|origin)/", pathNot: test },
      {
        path: "^(scripts|test)/",
      },
    ),
    never(
      "jobs-end-in-their-store",
      "Only origin/jobs/store.ts settles: a job that ended elsewhere would not be charged.",
      { path: "^(origin|scripts)/", pathNot: ["^origin/jobs/store\\.ts$", test] },
      { path: "^origin/usage/settle\\.ts$" },
    ),
    never("no-cycles", "A circle of imports has no beginning.", {}, { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } }),
    never("everything-resolves", "An import that leads nowhere.", {}, { couldNotResolve: true, pathNot: "^cloudflare:" }),
  ],
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)\\.trusty/" },
    enhancedResolveOptions: {
      extensions: [".ts", ".js", ".mjs", ".cjs", ".json"],
      conditionNames: ["node", "import", "types", "default"],
      exportsFields: ["exports"],
    },
  },
};
