// What a backup of one host is worth on another.
import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { r2 } from "#origin/storage/r2.ts";
import { type Customer, customer } from "./support/customer.ts";
import { baseVersion, type Host, openHost } from "./support/host.ts";

const run = promisify(execFile);
const age = spawnSync("age", ["--version"]).status === 0;
const patienceMs = 15 * 60_000;
/** Everything but what `expired` is about, which may differ. */
const jobFacts = "select to_jsonb(j) - 'files_expire_at' - 'files_deleted_at' from jobs j order by id";
const books = ["select to_jsonb(l) from ledger l order by seq", "select to_jsonb(a) from accounts a order by id", jobFacts];

let old: Host;
let fresh: Host;
let ann: Customer;
let token: string;
const jobs: string[] = [];
beforeAll(async () => {
  old = await openHost();
  fresh = await openHost();
  await old.compose("up", "-d");
  token = await old.key("acme");
  ann = customer(old.address, token);
  for (let n = 0; n < 5; n++) jobs.push(await ann.start(await ann.upload()));
  for (const id of jobs) await ann.ended(id, patienceMs);
}, patienceMs);
afterAll(() => Promise.all([old.end(), fresh.end()]), 120_000);

const digest = (value: string | Uint8Array) => createHash("sha256").update(value).digest("hex");
const digestsOf = (host: Host) => Promise.all(books.map(async (query) => digest(await host.sql(query))));

test("a backup that nobody named the reader of is refused, and secrets are never written unencrypted", async () => {
  const folder = join(old.state, "refused");
  expect(await old.script("backup", "--to", folder)).toMatchObject({ code: 2 });
  expect(await old.script("backup", "--plain", "--with-secrets", old.state, "--to", folder)).toMatchObject({ code: 2 });
});

const encrypted = "the newest backups are kept, and one that is encrypted opens for its reader only";
test.skipIf(!age)(`${encrypted}${age ? "" : " (not run: age is not installed here)"}`, { timeout: patienceMs }, async () => {
  const folder = join(old.state, "kept");
  const identity = join(old.state, "identity");
  await run("age-keygen", ["-o", identity]);
  const recipient = /age1\w+/.exec(await readFile(identity, "utf8"))?.[0] ?? "";
  const taken = [];
  for (let n = 0; n < 2; n++) taken.push(await old.script("backup", "--age", recipient, "--to", folder, "--keep", "1"));
  expect(taken).toMatchObject([{ code: 0 }, { code: 0 }]);
  const [name = "", ...more] = await readdir(folder);
  expect(more).toEqual([]);
  expect(name).toMatch(/^trustyconvert-.*\.tar\.age$/);
  const stranger = join(old.state, "stranger");
  await run("age-keygen", ["-o", stranger]);
  expect(await fresh.script("restore", "--dry-run", "--identity", stranger, join(folder, name))).toMatchObject({ code: 1 });
  expect(await fresh.script("restore", "--dry-run", "--identity", identity, join(folder, name))).toMatchObject({
    code: 0,
    lastLine: "restore: done: it is whole; nothing was changed (--dry-run)",
  });
});

test("jobs, ledger and accounts are identical on another host, and jobs whose files are gone are expired", {
  timeout: patienceMs,
}, async () => {
  const folder = join(old.state, "plain");
  const backedUp = await old.script("backup", "--plain", "--to", folder);
  expect(backedUp, backedUp.output).toMatchObject({ code: 0 });
  const file = join(folder, (await readdir(folder))[0] ?? "");
  await run("tar", ["-C", old.state, "-xf", file, "./objects.jsonl"]);
  const listed = (await readFile(join(old.state, "objects.jsonl"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(listed).toHaveLength(2 * jobs.length);
  const [lost = "", ...whole] = jobs;
  for (const id of whole) {
    const { sha256 } = listed.find(({ bucket, job }) => bucket === "results" && job === id) ?? {};
    expect(digest(await ann.result(id))).toBe(sha256);
  }
  const before = await digestsOf(old);

  await move();
  await loseResultOf(lost, listed);
  const restored = await fresh.script("restore", file);
  console.log(`${backedUp.lastLine}\n${restored.lastLine}`);
  expect(restored, restored.output).toMatchObject({ code: 0 });
  expect(restored.lastLine).toContain(`The books of 1 account agree. ${jobs.length - 1} jobs have their files; 1 do not and are expired.`);
  expect(await digestsOf(fresh)).toEqual(before);

  await fresh.compose("up", "-d", "--wait", "--no-deps", "redis", "api");
  const again = customer(fresh.address, token);
  expect(await again.job(lost)).toMatchObject({ state: "succeeded", expired: true });
  for (const id of whole) {
    expect(await again.job(id)).toMatchObject({ state: "succeeded", expired: false });
    expect(digest(await again.result(id))).toBe(listed.find(({ bucket, job }) => bucket === "results" && job === id)?.sha256);
  }
});

test("a database that is not empty is left as it is", { timeout: patienceMs }, async () => {
  const [name = ""] = await readdir(join(old.state, "plain"));
  await fresh.compose("stop", "api");
  const before = await digestsOf(fresh);
  const { code, lastLine } = await fresh.script("restore", join(old.state, "plain", name));
  expect(code).toBe(1);
  expect(lastLine).toMatch(/^restore: failed: the database here is not empty/);
  expect(await digestsOf(fresh)).toEqual(before);
});

test("cleanup counts what is due, and deletes it when it is told to", { timeout: patienceMs }, async () => {
  await fresh.sql("update jobs set files_expire_at = now() where files_deleted_at is null");
  const due = jobs.length - 1;
  const counted = await fresh.script("cleanup", "--dry-run");
  expect(counted.lastLine, counted.output).toBe(`cleanup: done: The files of ${due} jobs are due; 0 objects belong to no job.`);
  expect(await fresh.sql("select count(*) from jobs where files_deleted_at is null")).toBe(`${due}`);
  expect((await fresh.script("cleanup")).lastLine).toContain(`Deleted the files of ${due} jobs, 0 objects of no job`);
  expect(await fresh.sql("select count(*) from jobs where files_deleted_at is null")).toBe("0");
});

test("what is damaged is refused", async () => {
  const [name = ""] = await readdir(join(old.state, "plain"));
  const bytes = await readFile(join(old.state, "plain", name));
  bytes.write("xxxxxxxx", bytes.indexOf("PGDMP") + 2_000, "latin1");
  const damaged = join(old.state, "damaged.tar");
  await writeFile(damaged, bytes);
  expect(await fresh.script("restore", "--dry-run", damaged)).toMatchObject({ code: 1, lastLine: "restore: failed: it is damaged" });
});

/** What a host keeps outside of its database: the secrets, and the buckets, which are somebody else's in production. */
async function move(): Promise<void> {
  await old.compose("stop", "api", "worker", "edge");
  for (const volume of ["secrets", "objects"]) {
    const [from, to] = [old, fresh].map(({ name }) => `${name}_${volume}`);
    const copy = ["run", "--rm", "--network", "none", "--user", "0", "-v", `${from}:/from:ro`, "-v", `${to}:/to`, "--entrypoint", "cp"];
    await run("docker", [...copy, `trustyconvert/dev-edge:${baseVersion}`, "-a", "/from/.", "/to/"]);
  }
  await fresh.compose("up", "-d", "--wait", "edge");
}

async function loseResultOf(job: string, listed: { bucket: "uploads" | "results"; key: string; job: string }[]): Promise<void> {
  const [accessKeyId, secretAccessKey] = [await fresh.secret("r2_access_key_id"), await fresh.secret("r2_secret_access_key")];
  const endpoint = `http://localhost:${fresh.port}/cdn-cgi/local/r2/s3`;
  const buckets = { uploads: "trustyconvert-uploads", results: "trustyconvert-results" };
  const objects = r2({ endpoint, accessKeyId, secretAccessKey, buckets });
  await objects.remove({ bucket: "results", key: listed.find((one) => one.bucket === "results" && one.job === job)?.key ?? "" });
  await objects.close();
}
