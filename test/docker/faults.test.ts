// What dies comes back by itself, and no job is lost. The first processes are killed from this machine, because after `docker kill` the engine restarts nothing.
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { docx } from "#test/fixtures/documents.ts";
import { projectsOfRunning, restartDaemon, whyNotRestarted } from "./support/engine-daemon.ts";
import { patientClient } from "./support/patient-client.ts";
import { inside } from "./support/probe.ts";
import { runningProject } from "./support/project.ts";

const project = runningProject();
const healthyWithinMs = 240_000;
const jobsInFlight = 6;
let acme: Awaited<ReturnType<typeof patientClient>>;

beforeAll(async () => {
  acme = await patientClient(project);
});

/** Takes LibreOffice about a second. */
const document = (n: number) =>
  new Uint8Array(
    docx(
      Array.from({ length: 12 }, (_, chapter) => [
        `Report ${n}, chapter ${chapter}`,
        ...Array.from({ length: 40 }, () => "The quick brown fox. ".repeat(8)),
      ]),
    ),
  );

/** Starts jobs, lets the fault happen among them, and gives them ended. */
async function jobsThrough(fault: () => Promise<void>) {
  const first = await Promise.all(Array.from({ length: jobsInFlight }, (_, n) => acme.start(`report-${n}.docx`, document(n))));
  await fault();
  const during = await acme.start("during.docx", document(jobsInFlight));
  return Promise.all([...first, during].map((id) => acme.ended(id)));
}

async function healthyAgain(): Promise<void> {
  let ailing: string[] = [];
  for (const until = Date.now() + healthyWithinMs; Date.now() < until; await sleep(1_000)) {
    const all = (await project.containers()).filter(({ service }) => !["migrate", "secrets"].includes(service));
    ailing = all
      .filter(({ status, health }) => status !== "running" || health !== "healthy")
      .map(({ name, status, health }) => `${name}: ${status}, ${health}`);
    if (ailing.length === 0) return;
  }
  throw new Error(`not healthy again by themselves: ${ailing.join("; ")}`);
}

const expectAllDone = (jobs: Awaited<ReturnType<typeof jobsThrough>>) => {
  expect(jobs.map(({ state, problem }) => problem?.code ?? state)).toEqual(jobs.map(() => "succeeded"));
  for (const { results } of jobs) expect(results).toHaveLength(1);
};

describe("kill -9 of the first process of", () => {
  test.each(["worker", "engine", "engine-light", "api", "redis", "postgres", "clamav", "freshclam", "edge"])(
    "%s: every job is done, once, and everything is healthy again without a hand",
    async (service) => {
      const victim = await project.one(service);
      expectAllDone(
        await jobsThrough(async () => {
          process.kill(victim.pid, "SIGKILL");
        }),
      );
      await healthyAgain();
      const after = (await project.containers()).find(({ id }) => id === victim.id);
      expect(after?.restarts).toBeGreaterThan(victim.restarts);
    },
    600_000,
  );
});

test("an engine whose file system is full: every job is done, and the room is there again", async () => {
  const [engine] = await project.containersOf("engine");
  if (!engine) throw new Error("no engine runs");
  // Two files, because one may not be so large.
  const fill = `const { openSync, writeSync, statfsSync } = require("node:fs"); const block = Buffer.alloc(4_000_000);
    for (const name of ["one", "two"]) { const file = openSync("/work/" + name, "w");
      try { for (let n = 0; n < 350; n++) writeSync(file, block); } catch {} }
    console.log(statfsSync("/work").bavail);`;
  const jobs = await jobsThrough(async () => expect(await inside(project, engine.id, fill)).toBe("0"));
  expectAllDone(jobs);
  await healthyAgain();
  const left = `console.log(require("node:fs").readdirSync("/work").filter((name) => name === "one" || name === "two").length)`;
  await expect
    .poll(() => acme.convert("after.docx", document(0)).then(() => inside(project, engine.id, left)), { timeout: 120_000 })
    .toBe("0");
}, 600_000);

test("an engine out of memory: its LibreOffice or all of it is ended, every job is done, and everything is healthy again", async () => {
  const [engine] = await project.containersOf("engine");
  if (!engine) throw new Error("no engine runs");
  const { HostConfig } = await project.inspect(engine.id);
  const limit = (bytes: number) => project.docker("update", "--memory", `${bytes}`, "--memory-swap", `${bytes}`, engine.id);
  // The two generations of control groups name the same things differently.
  const held = `const { readFileSync } = require("node:fs"); let text;
    try { text = readFileSync("/sys/fs/cgroup/memory.stat", "utf8"); } catch { text = readFileSync("/sys/fs/cgroup/memory/memory.stat", "utf8"); }
    const rows = Object.fromEntries(text.trim().split("\\n").map((line) => line.split(" ")));
    console.log(Number(rows.anon ?? rows.rss) + Number(rows.shmem));`;
  // Less than LibreOffice has, so that not this one is the largest and ended.
  const grow = `const held = []; for (let n = 0; n < 12; n++) held.push(Buffer.alloc(10_000_000, 1)); setTimeout(() => held.length, 5_000);`;
  const starts = async () => {
    const health = await project.exec(engine.id, ["/usr/local/bin/node", "healthy.mjs", "http://127.0.0.1:8790/health"]).catch(() => "");
    return Number(/"starts":(\d+)/.exec(health)?.[1] ?? 0);
  };
  const restarts = async (): Promise<number> => (await project.inspect(engine.id)).RestartCount;
  const before = { starts: await starts(), restarts: await restarts() };
  const jobs = await jobsThrough(async () => {
    await limit(Number(await inside(project, engine.id, held)) + 80_000_000);
    await inside(project, engine.id, grow).catch(() => "it was ended too");
    // An engine that ended altogether has to be started again before its limit can be changed.
    await expect.poll(() => limit(HostConfig.Memory).catch(() => "not yet"), { timeout: 60_000, interval: 200 }).not.toBe("not yet");
  });
  expectAllDone(jobs);
  await healthyAgain();
  expect((await restarts()) > before.restarts || (await starts()) > before.starts).toBe(true);
}, 600_000);

const notRestarted = whyNotRestarted(projectsOfRunning(), project.name);
describe.skipIf(notRestarted)(`the Docker engine's daemon${notRestarted ? ` (not restarted: ${notRestarted})` : ""}`, () => {
  test.each([
    ["is ended and started, as by an upgrade of its package", "SIGTERM"],
    ["crashes and is started", "SIGKILL"],
  ] as const)(
    "%s: every job is done, and everything is healthy again without a hand",
    async (_how, signal) => {
      const before = new Map((await project.containers()).map(({ id, pid }) => [id, pid]));
      expectAllDone(await jobsThrough(() => restartDaemon(project.docker, signal)));
      await healthyAgain();
      const running = (await project.containers()).filter(({ status }) => status === "running");
      expect(running.filter(({ id, pid }) => before.get(id) === pid).map(({ service }) => service)).toEqual([]);
    },
    900_000,
  );
});
