// THE table of the origin's environment variables. Parsed once, by main; every fault in one message.
import { resolve } from "node:path";
import { z } from "zod";
import { Lane } from "#contract/operation.ts";
import { foreignSecret, hasPlaceholderPassword, placeholderPassword, secretText } from "#contract/secret-strength.ts";
import { peopleFaults, peopleVariables } from "./auth/variables.ts";
import { commaList } from "./comma-list.ts";
import { parseRedisUrl, redisUrlForms } from "./queue/redis-address.ts";
import { type ReadSecret, readSecret, withSecretFiles } from "./secret-files.ts";

type Variable = { schema: z.ZodType; description: string; secret?: true };

const flag = z
  .enum(["0", "1"])
  .default("0")
  .transform((value) => value === "1");
const sealingKey = secretText(32).regex(/^[A-Za-z0-9+/]{43}=$/, "must be 32 random bytes in base64");
const address = z
  .string()
  .regex(/^(unix:\/.+|tcp:\/\/[^/:]+:\d+|http:\/\/[^/]+)$/, "must be unix:/path, tcp://host:port or http://host:port");
const boxes = commaList.pipe(
  z.array(
    z
      .string()
      .regex(
        /^(unix:\/.+|http:\/\/([^/:]+|\[[\da-f:.]+\]):\d+|dns:\/\/[\w.-]+:\d+)$/i,
        "must be unix:/path, http://host:port or dns://name:port",
      ),
  ),
);

/** Of a row that is marked secret the value may also stand in a file, which NAME_FILE names. */
export const variables = {
  HOST: { schema: z.string().default("127.0.0.1"), description: "Address the api listens on." },
  PORT: { schema: z.coerce.number().int().min(0).max(65_535).default(8788), description: "Port the api listens on." },
  DATABASE_URL: {
    schema: z
      .url()
      .refine((url) => !hasPlaceholderPassword(url), placeholderPassword)
      .optional(),
    description: "PostgreSQL. Without it an embedded PGlite is used, and one process is api and worker.",
    secret: true,
  },
  DATA_DIR: {
    schema: z
      .string()
      .default(".trusty/data")
      .transform((path) => resolve(path)),
    description: "Where the embedded database lives.",
  },
  REDIS_URL: {
    schema: z
      .string()
      .refine((url) => parseRedisUrl(url) !== undefined, `must be ${redisUrlForms}`)
      .refine((url) => !hasPlaceholderPassword(url), placeholderPassword)
      .default("redis://127.0.0.1:6379"),
    description: "Redis 7 or Valkey, with `maxmemory-policy noeviction`: redis://, rediss:// or redis+sentinel://, as docs/redis.md says.",
    secret: true,
  },
  REDIS_TLS_CA: {
    schema: z.string().optional(),
    description: "PEM file of the authority that signed Redis' certificate. Without it the public ones.",
  },
  REDIS_SENTINEL_PASSWORD: {
    schema: foreignSecret.optional(),
    description: "Password of the sentinels, where they have one.",
    secret: true,
  },
  REDIS_EPHEMERAL: { schema: flag, description: "1 says that Redis keeps nothing on disk, on purpose; without it that is warned of." },
  QUEUE_PREFIX: {
    schema: z
      .string()
      .regex(/^[\w-]+$/)
      .default("trusty"),
    description: "Prefix of the queue's keys in Redis.",
  },
  EDGE_KEY: {
    schema: secretText(32),
    description: "Shared with the edge; signs what it forwards.",
    secret: true,
  },
  EDGE_KEY_ALSO: {
    schema: secretText(32).optional(),
    description: "The next or the previous EDGE_KEY, which is taken too while it is changed (docs/rotation.md).",
    secret: true,
  },
  EDGE_URL: {
    schema: z
      .url({ protocol: /^https?$/ })
      .transform((url) => url.replace(/\/$/, ""))
      .optional(),
    description: "Where the edge is told of changes to accounts. Without it PUBLIC_URL.",
  },
  OPTIONS_KEY: {
    schema: sealingKey,
    description: "Encrypts the secret options of jobs that have not ended, and answers that may be asked for again.",
    secret: true,
  },
  OPTIONS_KEY_ALSO: {
    schema: sealingKey.optional(),
    description: "The next or the previous OPTIONS_KEY, which opens too while it is changed (docs/rotation.md).",
    secret: true,
  },
  R2_ENDPOINT: {
    schema: z.url().transform((url) => url.replace(/\/$/, "")),
    description: "S3 endpoint of the object store, without the bucket.",
  },
  R2_ACCESS_KEY_ID: {
    schema: z.string().min(1),
    description: "Reads, lists and deletes in both buckets, writes the results bucket.",
    secret: true,
  },
  R2_SECRET_ACCESS_KEY: { schema: foreignSecret, description: "Belongs to R2_ACCESS_KEY_ID.", secret: true },
  UPLOADS_BUCKET: { schema: z.string().default("uploads"), description: "Bucket that clients PUT to." },
  RESULTS_BUCKET: { schema: z.string().default("results"), description: "Bucket that results are stored in." },
  CLAMD: {
    schema: commaList.transform((items) => (items.length > 0 ? items : ["unix:/run/clamav/clamd.ctl"])).pipe(z.array(address)),
    description: "One clamd or several, as unix:/path or tcp://host:port, separated by commas; set up as docs/scanner.md says.",
  },
  SIGNATURES_AGE_MAX_HOURS: {
    schema: z.coerce.number().positive().default(168),
    description: "A clamd whose signatures are older finds nothing clean, hours.",
  },
  ALLOW_TEST_SIGNATURES: { schema: flag, description: "1 accepts a clamd without the official database. For tests only." },
  OFFICE_BOXES: {
    schema: boxes,
    description:
      "Engine boxes of the lane `office`, as unix:/path, http://host:port or dns://name:port, separated by commas. The last stands for every address of the name, which is looked up again every two seconds. Only workers need it.",
  },
  LIGHT_BOXES: { schema: boxes, description: "Engine boxes of the lane `light`, likewise." },
  WORKER_LANES: {
    schema: commaList.pipe(z.array(Lane)),
    description: "The lanes that a worker serves, separated by commas. Without it every lane that has boxes.",
  },
  LANE_JOBS_MAX: {
    schema: z.coerce.number().int().min(1).default(50_000),
    description: "How many jobs may wait in a lane; a fifth of it is kept for premium. Beyond it new ones get `lane-full`.",
  },
  LANE_WAIT_MAX_MINUTES: {
    schema: z.coerce.number().positive().default(240),
    description: "A job that would wait for longer, at the pace of its lane and by its account's share, gets `lane-full`.",
  },
  ALLOW_BARE_ENGINES: { schema: flag, description: "1 accepts boxes without a sandbox; their jobs record `sandbox: none`." },
  QUARANTINE_HOURS: {
    schema: z.coerce.number().positive().max(8_760).default(24),
    description: "How long a file that ended engines twice is not converted, hours.",
  },
  LEAVE_MS: {
    schema: z.coerce.number().int().min(0).default(0),
    description:
      "How long requests are still taken at shutdown, while whoever sends them sees that this process is no longer ready, milliseconds: longer than idle connections are kept (5 s). With 0 it takes none.",
  },
  SHUTDOWN_GRACE_MS: {
    schema: z.coerce.number().int().min(0).default(20_000),
    description: "How long running jobs may finish at shutdown before they are handed back, milliseconds.",
  },
  ...peopleVariables,
  METRICS_HOST: { schema: z.string().default("127.0.0.1"), description: "Address of metrics and detailed health; never a public one." },
  METRICS_PORT: {
    schema: z.coerce.number().int().min(1).max(65_535).optional(),
    description: "Port of `/metrics` and `/health/detailed`, for each process its own. Without it nothing listens.",
  },
  LOG_LEVEL: { schema: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"), description: "Least level that is logged." },
} as const satisfies Record<string, Variable>;

const secretNames = Object.entries<Variable>(variables).flatMap(([name, { secret }]) => (secret ? [name] : []));

export type Config = { [Name in keyof typeof variables]: z.output<(typeof variables)[Name]["schema"]> };

export function parseConfig(given: Record<string, string | undefined>, read: ReadSecret = readSecret): Config {
  const parsed: Record<string, unknown> = {};
  const { environment, faults: fileFaults } = withSecretFiles(secretNames, given, read);
  const faults = [...fileFaults.values()];
  for (const [name, { schema, description }] of Object.entries(variables)) {
    const value = environment[name];
    const result = (schema as z.ZodType).safeParse(value === "" ? undefined : value);
    if (result.success) parsed[name] = result.data;
    else if (!fileFaults.has(name))
      faults.push(`  ${name} ${value ? result.error.issues.map((issue) => issue.message).join("; ") : "is missing"} (${description})`);
  }
  faults.push(...peopleFaults(parsed));
  if (faults.length > 0) throw new Error(`The environment does not fit:\n${faults.join("\n")}`);
  return parsed as Config;
}
