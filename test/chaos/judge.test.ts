import { expect, test } from "vitest";
import { type Facts, judge } from "./judge.ts";

const result = { key: "acme/job_a/2/0", sha256: "aa" };
/** A house in which all is well: one job that succeeded at its second attempt, and one that was refused. */
const well: Facts = {
  accepted: [
    { id: "job_a", filename: "a.docx", end: "succeeded", digest: "aa" },
    { id: "job_b", filename: "b.pdf", end: "failed", refused: "input-damaged" },
  ],
  clientFaults: [],
  rows: [
    { ...row("job_a"), state: "succeeded", scan: "clean", results: [result], uploads: ["acme/upl_a"] },
    { ...row("job_b"), state: "failed", problem: "input-damaged", filesDeleted: true, filesDue: true, uploads: ["acme/upl_b"] },
  ],
  objects: { uploads: ["acme/upl_a"], results: [result] },
  charged: ["job_a"],
  differences: [],
  succeededEnds: ["job_a"],
  entries: [],
  locks: [],
  orphans: [],
  boxes: [],
  neverHit: [],
  late: [],
};

function row(id: string): Facts["rows"][number] {
  const files = { results: [], filesDeleted: false, filesDue: false, uploads: [] };
  return { id, state: "queued", attempt: 2, scan: undefined, problem: undefined, secrets: null, ...files };
}

const [succeeded, refused] = well.rows as [Facts["rows"][number], Facts["rows"][number]];
const [askedFor, hopeless] = well.accepted as [Facts["accepted"][number], Facts["accepted"][number]];
const jobA = (changes: Partial<Facts["rows"][number]>): Partial<Facts> => ({ rows: [{ ...succeeded, ...changes }, refused] });
const clientA = (changes: Partial<Facts["accepted"][number]>): Partial<Facts> => ({ accepted: [{ ...askedFor, ...changes }, hopeless] });
const noSecrets = "";

test("a house in which all is well has no faults", () => {
  expect(judge(well)).toEqual([]);
});

test("an erased secret is no secret", () => {
  expect(judge({ ...well, ...jobA({ secrets: noSecrets }) })).toEqual([]);
});

test.each<[string, Partial<Facts>, string]>([
  ["an accepted job without a row", { rows: [refused] }, "lost: job_a"],
  ["a job that has not ended", jobA({ state: "running" }), "lost: job_a"],
  ["a good document that failed", jobA({ state: "failed", problem: "attempts-exhausted", results: [] }), "wrong end: job_a"],
  ["a client that was told another end", clientA({ end: "failed" }), "untold: job_a"],
  ["a success without a clean verdict", jobA({ scan: undefined }), "unscanned: job_a"],
  ["a client that fetched other bytes", clientA({ digest: "bb" }), "another result: the client of job_a"],
  ["a secret that outlives its job", jobA({ secrets: "sealed" }), "secret: job_a"],
  ["a deleted job's file", clientA({ deleted: true }), "left: job_a (a.docx) was deleted"],
  ["a job that no client asked for", { rows: [...well.rows, row("job_c")] }, "made twice: job_c"],
  [
    "a result whose bytes are others",
    { objects: { ...well.objects, results: [{ ...result, sha256: "bb" }] } },
    "broken result: acme/job_a/2/0",
  ],
  ["a result that is gone", { objects: { ...well.objects, results: [] } }, "broken result: acme/job_a/2/0"],
  [
    "a result of an attempt that did not count",
    { objects: { ...well.objects, results: [result, { key: "acme/job_a/1/0", sha256: "aa" }] } },
    "left: nobody's result acme/job_a/1/0",
  ],
  [
    "an upload whose job is over",
    { objects: { ...well.objects, uploads: ["acme/upl_a", "acme/upl_b"] } },
    "left: nobody's upload acme/upl_b",
  ],
  ["files that have had their time", { rows: [succeeded, { ...refused, filesDeleted: false }] }, "left: the files of job_b"],
  ["a job that two runs ended", { succeededEnds: ["job_a", "job_a"] }, "ended twice: job_a"],
  ["a job that is charged twice", { charged: ["job_a", "job_a"] }, "charged twice: job_a"],
  ["a success that is not charged", { charged: [] }, "not charged: job_a"],
  ["a charge without a success", { charged: ["job_a", "job_b"] }, "charged without a success: job_b"],
  ["books that differ", { differences: ["acme"] }, "the books differ: acme"],
  ["a client that was not answered", { clientFaults: ["POST /v1/jobs"] }, "a client: POST /v1/jobs"],
  ["an entry in a lane", { entries: ["chaos:light:1"] }, "left in a lane: chaos:light:1"],
  ["a lock", { locks: ["an advisory lock"] }, "left in the database: an advisory lock"],
  ["a process of nobody's", { orphans: ["7 soffice.bin"] }, "an orphan: 7 soffice.bin"],
  ["a slot that is taken", { boxes: ["box-light-1 is busy"] }, "a box: box-light-1 is busy"],
  ["a point that no process met", { neverHit: ["mid-sweep"] }, "never hit: mid-sweep"],
  ["a promise that was not kept", { late: ["a job starts after Redis is back after 9 s"] }, "late: a job starts"],
])("%s is told", (_, changes, fault) => {
  const found = judge({ ...well, ...changes });
  expect(found).not.toEqual([]);
  expect(found.some((text) => text.startsWith(fault))).toBe(true);
});
