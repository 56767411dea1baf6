// What one origin process says of its parts (/health/detailed), judged.
import type { HealthDetail } from "#contract/routes/health.ts";
import { sameVersion } from "./edge.ts";
import { ok, type Row, unknown, wrong } from "./row.ts";

const databaseMsMax = 250;
const signaturesHoursMax = 48;
const freeShareMin = 0.1;
const freeBytesMin = 2e9;
const waitedSecondsMax = 900;

type Parts = HealthDetail["parts"];

export function judgeInside(detail: HealthDetail, edgeVersion: string | undefined): Row[] {
  const { parts, process } = detail;
  const rows = [
    edgeVersion === undefined ? ok("version", process.version) : sameVersion("version", edgeVersion, process.version),
    ...database(parts),
    ...redis(parts),
    ...scanner(parts),
    ...engines(parts, process.role),
    ...queue(parts),
    ...disk(parts),
  ];
  return rows.map((row) => ({ ...row, check: `${process.role}: ${row.check}` }));
}

/** A part that failed says nothing more. */
function facts<F>(
  check: string,
  part: { status: string; error?: string | undefined; facts?: F | undefined },
  mend: string,
  judge: (facts: F) => Row[],
): Row[] {
  if (part.facts !== undefined) return judge(part.facts);
  return [wrong(check, part.status === "late" ? "does not answer in time" : (part.error ?? "failed"), mend)];
}

const database = ({ database: part }: Parts): Row[] =>
  facts(
    "postgres",
    part,
    "Is PostgreSQL up, and DATABASE_URL right? `docker compose ps`, `docker compose logs postgres`.",
    ({ migrations }) => [
      part.ms <= databaseMsMax
        ? ok("postgres", `answers in ${part.ms} ms`)
        : wrong(
            "postgres",
            `answers in ${part.ms} ms`,
            "It is far away or overloaded: it belongs into the same data centre; look at its load and its disk.",
          ),
      migrations === "complete"
        ? ok("migrations", "complete")
        : wrong("migrations", "some of this release are missing", "Run the role migrate: `docker compose run --rm migrate`."),
    ],
  );

const redis = ({ redis: part }: Parts): Row[] =>
  facts("redis", part, "Is Redis up, and REDIS_URL right? `docker compose logs redis`.", (found) => {
    const { maxmemory_policy: policy, append_only, memory_bytes, memory_bytes_max } = found;
    const full = memory_bytes_max > 0 ? memory_bytes / memory_bytes_max : 0;
    return [
      policy === undefined
        ? unknown("redis policy", "it does not tell")
        : policy === "noeviction"
          ? ok("redis policy", policy)
          : wrong("redis policy", policy, "Set maxmemory-policy noeviction, or jobs are forgotten when memory is short (docs/redis.md)."),
      append_only
        ? ok("redis disk", "appendonly")
        : wrong("redis disk", "appendonly no", "Set appendonly yes, or jobs wait for the sweep after each restart (docs/redis.md)."),
      full < 0.8
        ? ok("redis memory", `${Math.round(full * 100)} % used`)
        : wrong("redis memory", `${Math.round(full * 100)} % used`, "Raise maxmemory: a full Redis takes no jobs."),
    ];
  });

const scanner = ({ scanner: part }: Parts): Row[] =>
  facts("clamd", part, "Is clamd up, and CLAMD right? (docs/scanner.md)", (found) =>
    found.flatMap(({ address, ready, signatures_age_hours: hours }) => {
      const check = `clamd ${address}`;
      if (!ready) return [wrong(check, "does not answer", "`docker compose logs clamav`; the first start loads signatures for a minute.")];
      if (hours === undefined) return [unknown(`${check} signatures`, "their age is not told: not the official database")];
      const old = wrong(
        `${check} signatures`,
        `${hours} hours old`,
        "freshclam does not reach the mirrors: `docker compose logs freshclam` (docs/scanner.md).",
      );
      return [hours <= signaturesHoursMax ? ok(`${check} signatures`, `${hours} hours old`) : old];
    }),
  );

const engines = ({ engines: part }: Parts, role: string): Row[] =>
  facts("engines", part, "What is known of them is in the database: see postgres.", (found) => {
    if (found.length === 0)
      return [
        role === "api"
          ? unknown("engines", "an api knows none; ask a worker")
          : wrong("engines", "none are known", "Set OFFICE_BOXES and LIGHT_BOXES."),
      ];
    const away = found.filter(({ ready }) => !ready);
    const missing = new Set(found.flatMap(({ engine }) => engine?.versions["fonts-missing"]?.split(", ") ?? []));
    const bare = found.filter(({ engine }) => engine?.sandbox === "none");
    return [
      away.length === 0
        ? ok("engines", `${found.length} ready`)
        : wrong(
            "engines",
            `${away.length} of ${found.length} are not ready: ${away.map(({ address }) => address).join(", ")}`,
            "They need a minute to start; after that: `docker compose logs engine`.",
          ),
      ...differences(found.flatMap(({ engine }) => (engine ? [engine.versions] : []))),
      missing.size === 0
        ? ok("fonts", "those that documents need are there")
        : wrong(
            "fonts",
            `missing: ${[...missing].join(", ")}`,
            "Install them in the engine's image (docker/engine.Dockerfile): documents break their lines elsewhere without.",
          ),
      bare.length === 0
        ? ok("sandbox", "every engine has one")
        : wrong(
            "sandbox",
            `${bare.length} engines have none`,
            "Only on one's own machine: bubblewrap or containers (docs/decisions/0005-sandbox.md).",
          ),
    ];
  });

/** Two boxes of different versions make different results of the same document. */
function differences(versions: readonly Record<string, string>[]): Row[] {
  const names = [...new Set(versions.flatMap(Object.keys))];
  const several = names.flatMap((name) => {
    const found = new Set(versions.flatMap((each) => each[name] ?? []));
    return found.size > 1 ? [`${name} ${[...found].join(" and ")}`] : [];
  });
  if (versions.length === 0) return [];
  return [
    several.length === 0
      ? ok("engine versions", "the same everywhere")
      : wrong("engine versions", several.join("; "), "Start every engine from the same image."),
  ];
}

const queue = ({ queue: part }: Parts): Row[] =>
  facts("queue", part, "See postgres.", (found) => {
    const late = found.filter(({ queued, oldest_seconds }) => queued > 0 && oldest_seconds > waitedSecondsMax);
    const said = late.map(
      ({ lane, queued, oldest_seconds }) => `${lane}: ${queued} wait, the oldest for ${Math.round(oldest_seconds / 60)} min`,
    );
    return [
      late.length === 0
        ? ok("queue", "moves")
        : wrong("queue", said.join("; "), "Add engines of that lane, or look why workers hand jobs back (their log)."),
    ];
  });

const disk = ({ disk: part }: Parts): Row[] =>
  facts("disk", part, "The process may not read its file system.", ({ path, free_bytes, total_bytes }) => {
    const found = `${path}: ${(free_bytes / 1e9).toFixed(1)} GB of ${(total_bytes / 1e9).toFixed(1)} free`;
    // A container's file system in memory: what PostgreSQL and Docker fill is not seen from there.
    if (total_bytes < freeBytesMin) return [unknown("disk", `${path} is in memory`, "Ask the host: `df -h /var/lib/docker`.")];
    const enough = free_bytes / total_bytes >= freeShareMin && free_bytes >= freeBytesMin;
    return [enough ? ok("disk", found) : wrong("disk", found, "Free some: `docker system df`, logs, old images.")];
  });
