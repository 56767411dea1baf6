// A host goes to another version, and back, while customers use it.
import { afterAll, beforeAll, expect, test } from "vitest";
import { steadyLoad } from "#test/support/steady-load.ts";
import { type Customer, customer } from "./support/customer.ts";
import { baseVersion, changedImage, type Host, openHost } from "./support/host.ts";

const [next, halfMigrated, sick] = ["host-test-next", "host-test-half-migrated", "host-test-sick"];
const jobsWaiting = 50;
const patienceMs = 20 * 60_000;

let host: Host;
let acme: Customer;
beforeAll(async () => {
  const engineAsBefore = "LABEL release=next";
  for (const version of [next, halfMigrated, sick]) await changedImage("engine", version, engineAsBefore);
  await changedImage("origin", next, "LABEL release=next");
  await changedImage(
    "origin",
    halfMigrated,
    `USER root\nRUN ["/usr/local/bin/node", "-e", ${JSON.stringify(addMigration)}]\nUSER 10001:10001`,
  );
  await changedImage("origin", sick, `ENTRYPOINT ["/usr/local/bin/node", "-e", ${JSON.stringify(endWorkers)}, "origin/main.ts"]`);
  host = await openHost();
  await host.compose("up", "-d");
  acme = customer(host.address, await host.key("acme"));
}, patienceMs);
afterAll(() => host.end(), 120_000);

test("an update under load fails no request and loses no job, and afterwards only the new version answers", {
  timeout: patienceMs,
}, async () => {
  const uploads: string[] = [];
  for (let n = 0; n < jobsWaiting; n++) uploads.push(await acme.upload());
  const scanner = await host.one("clamav");
  await host.docker("pause", scanner.id); // so that they wait until the update begins
  const jobs = await Promise.all(uploads.map(acme.start));
  await host.docker("unpause", scanner.id);
  const requests = steadyLoad(
    20,
    async (n) => {
      if (n % 20 === 0) jobs.push(await acme.start(await acme.upload()));
      else if (n % 3 === 0) await acme.job(jobs[n % jobs.length] ?? "");
      else await acme.call("GET", n % 3 === 1 ? "/v1/account" : "/v1/jobs?limit=1");
    },
    10,
  );
  const updated = await host.script("update", "--wait", "300", next);
  const { asked, perSecond, failures } = await requests.stop();
  console.log(`${updated.lastLine}; ${asked} requests (${perSecond} per second), ${failures.length} failed; ${jobs.length} jobs`);
  expect(updated, updated.output).toMatchObject({ code: 0, lastLine: `update: done: version ${next} runs` });
  expect(failures).toEqual([]);
  expect(await host.versions()).toEqual({ api: [next], worker: [next], engine: [next], "engine-light": [next] });
  expect(await host.noted()).toBe(`TRUSTY_VERSION=${next}`);

  for (const id of jobs) expect(await acme.ended(id, patienceMs)).toMatchObject({ state: "succeeded" });
  expect(Number(await host.sql("select count(*) from ledger"))).toBe(jobs.length);
  expect(await host.compose("run", "--rm", "--no-deps", "-T", "worker", "reconcile")).toBe("The books of 1 account agree.");
});

test("a failed migration leaves the schema, the containers and the noted version as they were", { timeout: patienceMs }, async () => {
  const before = (await host.containers()).map(({ id }) => id).sort();
  const { code, lastLine } = await host.script("update", halfMigrated);
  expect({ code, lastLine }).toEqual({ code: 1, lastLine: "update: failed: the migration failed; nothing was changed" });
  expect((await host.containers()).map(({ id }) => id).sort()).toEqual(before);
  expect(await host.sql("select to_regclass('half_done') is null")).toBe("t");
  expect(await host.noted()).toBe(`TRUSTY_VERSION=${next}`);
});

test("a new version whose workers do not become healthy is taken back, api and all, without a failed request", {
  timeout: patienceMs,
}, async () => {
  const requests = steadyLoad(10, async () => void (await acme.call("GET", "/v1/account")), 5);
  const { code, lastLine } = await host.script("update", "--wait", "300", sick);
  const { failures } = await requests.stop();
  expect({ code, lastLine }).toEqual({ code: 1, lastLine: `update: failed: the new worker did not become healthy; ${next} runs again` });
  expect(failures).toEqual([]);
  expect(await host.versions()).toEqual({ api: [next], worker: [next], engine: [next], "engine-light": [next] });
  expect(await host.noted()).toBe(`TRUSTY_VERSION=${next}`);
  expect(await acme.ended(await acme.start(await acme.upload()), patienceMs)).toMatchObject({ state: "succeeded" });
});

test("nothing happens to a version that runs already, and nothing with --dry-run", { timeout: patienceMs }, async () => {
  const before = (await host.containers()).map(({ id }) => id).sort();
  expect(await host.script("update", next)).toMatchObject({ code: 0, lastLine: `update: done: version ${next} runs` });
  const dry = await host.script("update", "--dry-run", baseVersion);
  expect(dry.lastLine).toBe("update: done: nothing was changed (--dry-run)");
  expect(dry.output).toContain("would replace");
  expect((await host.containers()).map(({ id }) => id).sort()).toEqual(before);
});

/** A migration whose second statement fails. */
const addMigration = `
  const fs = require("fs"), folder = "/app/origin/db/migrations/", journal = JSON.parse(fs.readFileSync(folder + "meta/_journal.json"));
  journal.entries.push({ ...journal.entries.at(-1), idx: 9999, when: Date.now(), tag: "9999_half" });
  fs.writeFileSync(folder + "meta/_journal.json", JSON.stringify(journal));
  fs.writeFileSync(folder + "9999_half.sql", "create table half_done (id text);--> statement-breakpoint select 1/0;");`.replaceAll(
  "\n",
  " ",
);
const endWorkers = `process.argv[2] === "worker" && process.exit(1); import("/app/origin/main.ts")`;
