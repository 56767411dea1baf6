// What must hold when everything has come to rest: plain facts in, sentences about what does not hold out.
import { isFinal, type JobState } from "#contract/jobs.ts";
import type { Point } from "./points.ts";

export type Facts = {
  /** Jobs that the service answered with 202, as their clients know them. */
  accepted: { id: string; filename: string; refused?: string; end?: JobState; digest?: string; deleted?: true }[];
  /** Conversations that could not be ended as the documentation says, and requests that were not answered as it says. */
  clientFaults: string[];
  rows: {
    id: string;
    state: JobState;
    attempt: number;
    scan: string | undefined;
    problem: string | undefined;
    secrets: string | null;
    results: { key: string; sha256: string }[];
    filesDeleted: boolean;
    filesDue: boolean;
    uploads: string[];
  }[];
  objects: { uploads: string[]; results: { key: string; sha256: string }[] };
  /** Jobs in the ledger, as often as they are charged. */
  charged: string[];
  /** What `reconcile` finds. */
  differences: string[];
  /** Jobs that a worker ended with success, as often as it counted. */
  succeededEnds: string[];
  /** Entries that are left in the lanes. */
  entries: string[];
  /** Locks and transactions that are left in the database. */
  locks: string[];
  /** Processes that no part of the house has. */
  orphans: string[];
  /** Of each box: a slot taken, a task's folder left, an office process too many. */
  boxes: string[];
  neverHit: Point[];
  /** What took longer than it may. */
  late: string[];
};

export function judge(facts: Facts): string[] {
  const rows = new Map(facts.rows.map((row) => [row.id, row]));
  const known = new Set(facts.accepted.map(({ id }) => id));
  return [...jobs(facts, rows), ...strangers(facts, known), ...results(facts, rows), ...books(facts), ...rest(facts)];
}

type Rows = Map<string, Facts["rows"][number]>;

function jobs({ accepted }: Facts, rows: Rows): string[] {
  return accepted.flatMap(({ id, filename, refused, end, digest, deleted }) => {
    const row = rows.get(id);
    const name = `${id} (${filename})`;
    if (!row) return [`lost: ${name} was accepted and has no row`];
    if (!isFinal(row.state)) return [`lost: ${name} is still ${row.state}, attempt ${row.attempt}`];
    const wanted = refused === undefined ? "succeeded" : `failed with ${refused}`;
    const obtained = row.state === "failed" ? `failed with ${row.problem}` : row.state;
    return [
      ...(wanted === obtained ? [] : [`wrong end: ${name} ${obtained} instead of ${wanted}`]),
      ...(end === row.state ? [] : [`untold: ${name} ${row.state}, its client was told ${end ?? "nothing"}`]),
      ...(row.state === "succeeded" && row.scan !== "clean" ? [`unscanned: ${name} succeeded with the verdict ${row.scan}`] : []),
      ...(row.state === "succeeded" && digest !== row.results[0]?.sha256
        ? [`another result: the client of ${name} fetched ${digest ?? "nothing"}, the record says ${row.results[0]?.sha256}`]
        : []),
      ...(deleted && !row.filesDeleted ? [`left: ${name} was deleted by its owner, and its files are there`] : []),
      ...(row.secrets ? [`secret: ${name} has ended and keeps its secret options`] : []),
    ];
  });
}

/** Every job was made for somebody: one that no client knows was made twice. */
const strangers = ({ rows }: Facts, known: ReadonlySet<string>): string[] =>
  rows.filter(({ id }) => !known.has(id)).map(({ id, state }) => `made twice: ${id} (${state}) is nobody's`);

function results({ rows, objects, succeededEnds }: Facts, byId: Rows): string[] {
  const stored = new Map(objects.results.map(({ key, sha256 }) => [key, sha256]));
  const claimed = new Set(rows.filter(({ filesDeleted }) => !filesDeleted).flatMap((row) => row.results.map(({ key }) => key)));
  const uploads = new Set(objects.uploads);
  const wanted = new Set(rows.filter(({ filesDeleted }) => !filesDeleted).flatMap((row) => row.uploads));
  const missing = rows
    .filter(({ filesDeleted }) => !filesDeleted)
    .flatMap((row) => row.results.filter(({ key, sha256 }) => stored.get(key) !== sha256))
    .map(({ key }) => `broken result: ${key} is ${stored.has(key) ? "another" : "not"} in the bucket`);
  return [
    ...missing,
    ...[...stored.keys()].filter((key) => !claimed.has(key)).map((key) => `left: nobody's result ${key}`),
    ...[...uploads].filter((key) => !wanted.has(key)).map((key) => `left: nobody's upload ${key}`),
    ...rows.filter(({ filesDue, filesDeleted }) => filesDue && !filesDeleted).map(({ id }) => `left: the files of ${id} should be gone`),
    ...repeated(succeededEnds).map((id) => `ended twice: ${id} (${byId.get(id)?.state})`),
  ];
}

function books({ rows, charged, differences }: Facts): string[] {
  const succeeded = new Set(rows.filter(({ state }) => state === "succeeded").map(({ id }) => id));
  const once = new Set(charged);
  return [
    ...repeated(charged).map((id) => `charged twice: ${id}`),
    ...[...succeeded].filter((id) => !once.has(id)).map((id) => `not charged: ${id}`),
    ...[...once].filter((id) => !succeeded.has(id)).map((id) => `charged without a success: ${id}`),
    ...differences.map((text) => `the books differ: ${text}`),
  ];
}

const rest = ({ clientFaults, entries, locks, orphans, boxes, neverHit, late }: Facts): string[] => [
  ...clientFaults.map((text) => `a client: ${text}`),
  ...entries.map((text) => `left in a lane: ${text}`),
  ...locks.map((text) => `left in the database: ${text}`),
  ...orphans.map((text) => `an orphan: ${text}`),
  ...boxes.map((text) => `a box: ${text}`),
  ...neverHit.map((point) => `never hit: ${point}`),
  ...late.map((text) => `late: ${text}`),
];

const repeated = (ids: readonly string[]): string[] => [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))];
