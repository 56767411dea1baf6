// A host goes to another version, and back, while customers use it.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Health } from "#contract/routes/service.ts";
import { version as oldAnswer } from "#origin/version.ts";
import { localKey } from "#scripts/stack/local-key.ts";
import { steadyLoad } from "#test/support/steady-load.ts";
import type { Customer } from "../support/customer.ts";
import { baseVersion } from "../support/host.ts";
import type { ProductionHost } from "../support/production-host.ts";
import { halfMigrated, mute, next, sick } from "../support/versions.ts";

const jobsWaiting = 50;
const patienceMs = 20 * 60_000;
const timeout = patienceMs;

export function updateSuite(now: () => { host: ProductionHost; acme: Customer }): void {
  const letter = async () => now().acme.start(await now().acme.upload("letter.docx"), "office.to-pdf");
  const text = async () => now().acme.start(await now().acme.upload());
  /** What a customer reads, by turns. */
  const read = async (n: number) => void (await now().acme.call("GET", n % 2 ? "/v1/account" : "/v1/jobs?limit=1"));
  /** The version that answers. None when the edge did not wait for it: it gives up after two seconds, which a busy machine may take. */
  const answered = async () => {
    const said = Health.parse(await (await fetch(new URL("/health/ready", now().host.address))).json());
    if (said.degraded?.includes("origin")) return undefined;
    if (said.status === "unavailable") throw new Error(`/health/ready said ${JSON.stringify(said)}`);
    return said.version;
  };
  const runsEverywhere = (version: string) => ({ api: [version], worker: [version], engine: [version], "engine-light": [version] });
  const idsOfOurs = async () =>
    (await Promise.all(["api", "worker", "engine", "engine-light"].map(now().host.containersOf))).flat().map(({ id }) => id);
  const containerIds = async () => (await now().host.containers()).map(({ id }) => id).sort();

  test("under load it fails no request and loses no job, and afterwards only the new version answers", { timeout }, async () => {
    const { host, acme } = now();
    const scanner = await host.one("clamav");
    await host.pause(scanner.id); // so that they wait until the update begins
    const jobs: string[] = [];
    for (let n = 0; n < jobsWaiting; n++) jobs.push(await (n % 5 ? text() : letter()));
    await host.docker("unpause", scanner.id);

    const answers = new Set<string | undefined>();
    const ask = async (n: number) => {
      if (n % 20 === 0) jobs.push(await (n % 60 ? text() : letter()));
      else if (n % 4 === 0) await acme.job(jobs[n % jobs.length] ?? "");
      else if (n % 4 === 1) answers.add(await answered());
      else await read(n >> 1);
    };
    const requests = steadyLoad(20, ask, 10);
    const updated = await host.script("update", "--wait", "300", next);
    const { asked, perSecond, failures } = await requests.stop();
    console.log(`${updated.lastLine}; ${asked} requests (${perSecond} per second), ${failures.length} failed; ${jobs.length} jobs`);
    expect(updated, updated.output).toMatchObject({ code: 0, lastLine: `update: done: version ${next} runs` });
    expect(failures).toEqual([]);
    expect(await host.versions()).toEqual(runsEverywhere(next));
    expect(await host.noted()).toBe(`TRUSTY_VERSION=${next}`);
    answers.delete(undefined);
    const newAnswer = [...answers].at(-1);
    expect(newAnswer).toMatch(/^9\.9\.9\+/);
    expect([...answers]).toEqual([oldAnswer, newAnswer]);
    const afterwards = new Set<string | undefined>();
    for (let n = 0; n < 20; n++) afterwards.add((await answered()) ?? newAnswer);
    expect([...afterwards]).toEqual([newAnswer]);

    for (const id of jobs) expect(await acme.ended(id, patienceMs)).toMatchObject({ state: "succeeded" });
    expect(Number(await host.sql("select count(*) from ledger"))).toBe(jobs.length);
    expect(await host.compose("run", "--rm", "--no-deps", "-T", "worker", "reconcile")).toBe("The books of 1 account agree.");
  });

  test("a failed migration leaves the schema, the containers and the noted version as they were", { timeout }, async () => {
    const { host } = now();
    const before = await containerIds();
    const { code, lastLine } = await host.script("update", halfMigrated);
    expect({ code, lastLine }).toEqual({ code: 1, lastLine: "update: failed: the migration failed; nothing was changed" });
    expect(await containerIds()).toEqual(before);
    expect(await host.sql("select to_regclass('half_done') is null")).toBe("t");
    expect(await host.noted()).toBe(`TRUSTY_VERSION=${next}`);
  });

  test("a new api that answers, but is not well, is asked by no customer and taken away", { timeout }, async () => {
    const { host } = now();
    const before = await containerIds();
    const requests = steadyLoad(10, read, 5);
    const { code, lastLine } = await host.script("update", "--wait", "15", mute);
    expect({ code, lastLine }).toEqual({ code: 1, lastLine: `update: failed: the new api did not become healthy; ${next} runs again` });
    expect((await requests.stop()).failures).toEqual([]);
    expect(await containerIds()).toEqual(before);
  });

  test("a new version whose workers do not become healthy is taken back, api and all, without a failed request", { timeout }, async () => {
    const { host, acme } = now();
    const requests = steadyLoad(10, read, 5);
    const { code, lastLine } = await host.script("update", "--wait", "300", sick);
    const { failures } = await requests.stop();
    expect({ code, lastLine }).toEqual({ code: 1, lastLine: `update: failed: the new worker did not become healthy; ${next} runs again` });
    expect(failures).toEqual([]);
    expect(await host.versions()).toEqual(runsEverywhere(next));
    expect(await host.noted()).toBe(`TRUSTY_VERSION=${next}`);
    expect(await acme.ended(await text(), patienceMs)).toMatchObject({ state: "succeeded" });
  });

  test("nothing happens to a version that runs already, and nothing with --dry-run", { timeout }, async () => {
    const { host } = now();
    const before = await containerIds();
    expect(await host.script("update", next)).toMatchObject({ code: 0, lastLine: `update: done: version ${next} runs` });
    const dry = await host.script("update", "--dry-run", baseVersion);
    expect(dry.lastLine).toBe("update: done: nothing was changed (--dry-run)");
    expect(dry.output).toContain("would replace");
    expect(await containerIds()).toEqual(before);
  });

  test("a changed secret and a changed variable reach every container, by the same version and without a failed request", {
    timeout,
  }, async () => {
    const { host } = now();
    const [newKey, file] = ["a-new-key-of-the-edge-which-is-long-enough", join(host.state, "secrets/edge_key")];
    const keyFor = async (edgeKey: string) =>
      localKey(
        { originHost: await host.addressOf("api", "front"), originPort: 8788, edgeKey },
        { account: "other", tier: "free", minutes: 1 },
      );
    await expect(keyFor(newKey)).rejects.toThrow();
    await writeFile(host.envFile, `${await readFile(host.envFile, "utf8")}EDGE_KEY_ALSO=${await host.secret("edge_key")}\n`);
    await writeFile(file, newKey);

    const requests = steadyLoad(20, async (n) => (n % 20 ? read(n) : void (await text())), 10);
    const before = await idsOfOurs();
    const { lastLine, output } = await host.script("update", "--reload", next);
    const { failures } = await requests.stop();
    expect(lastLine, output).toBe(`update: done: version ${next} runs`);
    expect(failures).toEqual([]);
    const after = await idsOfOurs();
    expect(after).toHaveLength(before.length);
    expect(after.filter((id) => before.includes(id))).toEqual([]);
    expect(await host.versions()).toEqual(runsEverywhere(next));
    expect((await keyFor(newKey)).key).toMatch(/^tc_/);
  });

  test("while one works another waits, and mends what is left when it is killed: no request fails, and the ingress finds every api", {
    timeout,
  }, async () => {
    const { host } = now();
    const requests = steadyLoad(10, read, 5);
    const [before] = await host.containersOf("api");
    const reload = ["--reload", "--only", "api", next];
    const killed = host.background("update", {}, ...reload);
    await expect.poll(() => host.count("api"), { timeout: 60_000, interval: 100 }).toBe(2);
    const other = host.background("update", {}, ...reload);
    await expect.poll(() => other.log.join(), { timeout: 60_000, interval: 100 }).toContain("another script is at work");
    await killed.stop("SIGKILL");
    expect(await other.exited, other.log.join("\n")).toBe(0);
    expect((await requests.stop()).failures).toEqual([]);
    const apis = await host.containersOf("api");
    expect(apis).toHaveLength(1);
    expect(apis).not.toContainEqual(expect.objectContaining({ id: before?.id }));
    await expect(host.addressOf("api", "front")).resolves.toMatch(/^\d/);
  });

  test("of two apis one is killed, and no request fails but an order that it had in hands", { timeout }, async () => {
    const { host } = now();
    await host.compose("up", "-d", "--wait", "--no-deps", "--no-recreate", "--scale", "api=2", "api");
    const { id } = await host.one("api");
    let ordering: Promise<unknown> = Promise.resolve();
    const order = async () => {
      ordering = text();
      await ordering;
    };
    const requests = steadyLoad(20, (n) => (n % 10 ? read(n) : order()), 10);
    const killed = new Set<number>();
    while (killed.size < 3) {
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      const { Pid } = (await host.inspect(id)).State;
      if (Pid === 0) continue; // it is being started anew
      await ordering.catch(() => undefined);
      process.kill(Pid, "SIGKILL");
      killed.add(Pid);
    }
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const { asked, failures } = await requests.stop();
    expect(failures, `of ${asked}`).toEqual([]);
  });
}
