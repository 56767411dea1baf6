// What a backup of one host is worth on another.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { giveToContainers } from "#scripts/secrets/give-to-containers.ts";
import { makeSecrets } from "#scripts/secrets/make-secrets.ts";
import { customer } from "./support/customer.ts";
import { baseVersion, changedImage, type Host, openHost } from "./support/host.ts";
import { moveStores, removeResult } from "./support/object-store.ts";
import { ageReader, gpgReader, readers } from "./support/readers.ts";

const run = promisify(execFile);
const patienceMs = 15 * 60_000;
const root = process.getuid?.() === 0;
const without = (program: "age" | "gpg") => (readers[program] ? "" : ` (not run: ${program} is not installed here)`);
const [older, newer] = ["host-test-older", "host-test-newer"];
/** Everything but what `expired` is about, which may differ. */
const jobFacts = "select to_jsonb(j) - 'files_expire_at' - 'files_deleted_at' from jobs j order by id";
const books = ["select to_jsonb(l) from ledger l order by seq", "select to_jsonb(a) from accounts a order by id", jobFacts];

let old: Host;
let fresh: Host;
let token: string;
const jobs: string[] = [];
const results = new Map<string, string>();
beforeAll(async () => {
  old = await openHost();
  fresh = await openHost();
  await old.compose("up", "-d");
  token = await old.key("acme");
  const ann = customer(old.address, token);
  for (let n = 0; n < 5; n++) jobs.push(await ann.start(await ann.upload()));
  await ann.upload(); // no job ever comes for it
  for (const id of jobs) {
    await ann.ended(id, patienceMs);
    results.set(id, digest(await ann.result(id)));
  }
  await moveStores(old, fresh);
}, patienceMs);
afterAll(async () => {
  await Promise.all([old.end(), fresh.end()]);
  await run("docker", [
    "image",
    "rm",
    ...[older, newer].map((version) => `localhost/trustyconvert/origin:${version}`),
    devEdge(newer),
  ]).catch(() => {});
}, 120_000);

const digest = (value: string | Uint8Array) => createHash("sha256").update(value).digest("hex");
const digestsOf = (host: Host) => Promise.all(books.map(async (query) => digest(await host.sql(query))));
const devEdge = (version: string) => `localhost/trustyconvert/dev-edge:${version}`;
const seen = async (host: Host, query: string) => {
  for (
    const until = Date.now() + patienceMs / 10;
    (await host.sql(query)) !== "t";
    await new Promise((resolve) => setTimeout(resolve, 200))
  )
    if (Date.now() > until) throw new Error(`never seen: ${query}`);
};
const waits = (program: string) =>
  `select exists (select from pg_stat_activity where application_name = '${program}' and wait_event_type = 'Lock')`;
/** The table of jobs, or the place of the migrations, is somebody else's for a while. */
const inTheWay = (host: Host, statement: string) => host.sql(`begin; ${statement}; select pg_sleep(120)`).catch(() => "");
const outOfTheWay = (host: Host) => host.sql("select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(120)'");

test("a backup that nobody named the reader of is refused, and secrets are never written unencrypted", async () => {
  const folder = join(old.state, "refused");
  expect(await old.script("backup", "--to", folder)).toMatchObject({ code: 2 });
  expect(await old.script("backup", "--age", "", "--to", folder)).toMatchObject({ code: 2 });
  expect(await old.script("backup", "--plain", "--with-secrets", old.state, "--to", folder)).toMatchObject({ code: 2 });
});

const encrypted = "the newest backups are kept, whichever role may log in, and one that is encrypted opens for its reader only";
test.skipIf(!readers.age)(`${encrypted}${without("age")}`, { timeout: patienceMs }, async () => {
  const folder = join(old.state, "kept backups");
  const [reader, stranger] = [await ageReader(old.state, "reader"), await ageReader(old.state, "stranger")];
  await mkdir(folder);
  const others = `trustyconvert-${old.name}-2-20200101T000000Z.tar.age`;
  await writeFile(join(folder, others), "of a project whose name begins alike");
  await old.sql("create role trusty_b login in role trusty; alter role trusty_b set role to 'trusty'; alter role trusty nologin");
  const taken = [];
  for (let n = 0; n < 3; n++) taken.push(await old.script("backup", "--age", reader.recipient, "--to", folder, "--keep", "2"));
  await old.exec((await old.one("postgres")).id, ["psql", "-U", "trusty_b", "-d", "trusty", "-c", "alter role trusty login"]);
  await old.sql("drop role trusty_b");
  expect(taken).toMatchObject([{ code: 0 }, { code: 0 }, { code: 0 }]);
  const kept = (await readdir(folder)).filter((name) => name !== others).map((name) => join(folder, name));
  expect(kept).toHaveLength(2);
  for (const { lastLine } of taken.slice(1)) expect(kept).toContain(/done: (.*\.tar\.age), /.exec(lastLine)?.[1]);
  expect(await readdir(folder)).toContain(others);
  const [file = ""] = kept;
  expect(await fresh.script("restore", "--dry-run", "--identity", stranger.identity, file)).toMatchObject({
    code: 1,
    lastLine: "restore: failed: it cannot be opened",
  });
  expect(await fresh.script("restore", "--dry-run", "--identity", reader.identity, file)).toMatchObject({
    code: 0,
    lastLine: "restore: done: it is whole; nothing was changed (--dry-run)",
  });
});

test(`a backup whose disk is full${root ? "" : " (the disk: not run, because it takes root)"}, or whose database goes away, fails and leaves nothing`, {
  timeout: patienceMs,
}, async () => {
  const folder = join(old.state, "small");
  await mkdir(folder);
  if (root) await run("mount", ["-t", "tmpfs", "-o", "size=32k", "tmpfs", folder]);
  try {
    const full = await old.script("backup", "--plain", "--to", folder);
    if (root) expect(full.lastLine, full.output).toMatch(/^backup: failed: /);
    if (root) expect(full.code).toBe(1);
    if (root) expect(await readdir(folder)).toEqual([]);
  } finally {
    if (root) await run("umount", [folder]);
  }

  const locked = inTheWay(old, "lock table jobs in access exclusive mode");
  const gone = join(old.state, "gone");
  const backup = old.script("backup", "--plain", "--to", gone);
  await seen(old, waits("pg_dump"));
  await old.compose("kill", "postgres");
  const { code, lastLine, output } = await backup;
  expect({ code, lastLine }, output).toEqual({ code: 1, lastLine: "backup: failed: the database was not dumped" });
  expect(await readdir(gone)).toEqual([]);
  await locked;
  await old.compose("up", "-d", "--wait", "--no-deps", "postgres");
});

const sealed =
  "gpg opens a backup that cron wrote, with the secrets in it, for who has the key; an older release refuses it, a newer one takes it and goes on after an interruption";
test.skipIf(!readers.gpg || !root)(
  `${sealed}${without("gpg")}${root ? "" : " (not run: it takes root)"}`,
  { timeout: patienceMs },
  async () => {
    const [reader, stranger] = [await gpgReader(old.state, "reader-gpg"), await gpgReader(old.state, "stranger-gpg")];
    const secrets = join(old.state, "secrets");
    makeSecrets(secrets, { postgres: "postgres:5432/trusty", redis: "redis:6379" });
    giveToContainers(secrets);
    const folder = join(old.state, "sealed");
    const { GNUPGHOME, recipient } = reader;
    const backedUp = await old.fromCron({ GNUPGHOME }, "backup", "--gpg", recipient, "--with-secrets", secrets, "--to", folder);
    expect(backedUp, backedUp.output).toMatchObject({ code: 0 });
    const file = join(folder, (await readdir(folder))[0] ?? "");
    expect(file).toMatch(/\.tar\.gpg$/);

    const asStranger = await fresh.fromCron({ GNUPGHOME: stranger.GNUPGHOME }, "restore", "--dry-run", file);
    expect(asStranger).toMatchObject({ code: 1, lastLine: "restore: failed: it cannot be opened" });
    const dry = await fresh.fromCron({ GNUPGHOME }, "restore", "--dry-run", file);
    expect(dry.output).toContain("the secret files of that host are in it");
    expect(dry, dry.output).toMatchObject({ code: 0 });

    const home = join(fresh.state, "secrets");
    await changedImage("origin", older, forgetMigration);
    await fresh.configure(`TRUSTY_VERSION=${older}`);
    const refused = await fresh.fromCron({ GNUPGHOME }, "restore", "--secrets", home, file);
    expect(refused.lastLine, refused.output).toMatch(
      /^restore: failed: the backup is of a newer release.* lacks 1 of its migrations; nothing was changed$/,
    );
    expect(refused.code).toBe(1);
    expect(await fresh.compose("ps", "--all", "--quiet")).toBe("");
    expect(await readdir(fresh.state)).not.toContain("secrets");

    await changedImage("origin", newer, addMigration);
    await run("docker", ["tag", devEdge(baseVersion), devEdge(newer)]);
    await fresh.configure(`TRUSTY_VERSION=${newer}`);
    const storeless = await fresh.fromCron({ GNUPGHOME }, "restore", "--secrets", home, file);
    expect(storeless.code, storeless.output).toBe(1);
    expect(storeless.lastLine).toMatch(/^restore: failed: /);
    const facts = async (path: string) => {
      const { uid, gid, mode } = await stat(path);
      return { uid, gid, mode, text: await readFile(path, "utf8") };
    };
    for (const name of await readdir(secrets)) expect(await facts(join(home, name)), name).toEqual(await facts(join(secrets, name)));
    expect((await readdir(home)).sort()).toEqual((await readdir(secrets)).sort());
    await writeFile(join(home, "edge_key"), "another");
    const other = await fresh.fromCron({ GNUPGHOME }, "restore", "--secrets", home, file);
    expect(other.lastLine).toMatch(/edge_key is another secret than that of the backup; nothing was changed$/);

    await fresh.compose("up", "-d", "--wait", "edge");
    const again = await fresh.fromCron({ GNUPGHOME }, "restore", file);
    expect(again, again.output).toMatchObject({ code: 0 });
    expect(again.output).toContain("going on with what was interrupted");
    expect(again.lastLine).toContain(`The books of 1 account agree. ${jobs.length} jobs have their files; 0 do not`);
    expect(await fresh.sql("select to_regclass('of_the_next_release') is not null")).toBe("t");
    expect(await digestsOf(fresh)).toEqual(await digestsOf(old));
    await Promise.all([reader.end(), stranger.end()]);
  },
);

test("jobs, ledger and accounts are identical on another host, though the first attempt was killed, and jobs whose files are gone are expired", {
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
  const resultOf = (id: string) => listed.find(({ bucket, job }) => bucket === "results" && job === id) ?? {};
  const [lost = "", ...whole] = jobs;
  for (const id of whole) expect(resultOf(id).sha256).toBe(results.get(id));
  const before = await digestsOf(old);

  await fresh.configure(`TRUSTY_VERSION=${baseVersion}`);
  await fresh.compose("up", "-d", "--wait", "edge", "postgres");
  await fresh.sql("drop schema if exists drizzle cascade; drop schema public cascade; create schema public");
  await removeResult(fresh, resultOf(lost).key);
  const blocked = inTheWay(fresh, "create schema drizzle");
  const killed = fresh.background("restore", {}, file);
  await seen(fresh, waits("pg_restore"));
  await killed.stop("SIGKILL");
  await outOfTheWay(fresh);
  await blocked;

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
    expect(digest(await again.result(id))).toBe(results.get(id));
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
  expect(counted.lastLine, counted.output).toBe(`cleanup: done: The files of ${due} jobs are due; 1 objects belong to no job.`);
  expect(await fresh.sql("select count(*) from jobs where files_deleted_at is null")).toBe(`${due}`);
  expect((await fresh.script("cleanup")).lastLine).toContain(`Deleted the files of ${due} jobs, 1 objects of no job`);
  expect(await fresh.sql("select count(*) from jobs where files_deleted_at is null")).toBe("0");
  expect((await fresh.script("cleanup", "--dry-run")).lastLine).toContain("The files of 0 jobs are due; 0 objects belong to no job.");
});

test("what is damaged is refused", async () => {
  const [name = ""] = await readdir(join(old.state, "plain"));
  const bytes = await readFile(join(old.state, "plain", name));
  bytes.write("xxxxxxxx", bytes.indexOf("PGDMP") + 2_000, "latin1");
  const damaged = join(old.state, "damaged.tar");
  await writeFile(damaged, bytes);
  expect(await fresh.script("restore", "--dry-run", damaged)).toMatchObject({ code: 1, lastLine: "restore: failed: it is damaged" });
});

const changeJournal = (change: string) =>
  `USER root\nRUN ["/usr/local/bin/node", "-e", ${JSON.stringify(
    `const fs = require("fs"), folder = "/app/origin/db/migrations/", journal = JSON.parse(fs.readFileSync(folder + "meta/_journal.json")); ${change}; fs.writeFileSync(folder + "meta/_journal.json", JSON.stringify(journal))`,
  )}]\nUSER 10001:10001`;
const forgetMigration = changeJournal("journal.entries.pop()");
const addMigration = changeJournal(
  'journal.entries.push({ ...journal.entries.at(-1), idx: 9999, when: Date.now(), tag: "9999_next" }); fs.writeFileSync(folder + "9999_next.sql", "create table of_the_next_release (id text)")',
);
