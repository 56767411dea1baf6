// Engines follow the work: the curve is printed.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Job } from "#contract/jobs.ts";
import { type Customer, customer } from "./support/customer.ts";
import { dockerDoor } from "./support/docker-door.ts";
import { baseVersion, type Host, openHost } from "./support/host.ts";

const patienceMs = 15 * 60_000;
/** A ninth engine is one too many for one worker. */
const ceiling = { engine: 5, "engine-light": 4, worker: 2 };
const services = ["engine", "engine-light", "worker"] as const;
type Counts = Record<(typeof services)[number], number>;
const often = ["--every", "3", "--quiet", "5"];

let host: Host;
let acme: Customer;
let scanner: string;
let door: Awaited<ReturnType<typeof dockerDoor>>;
let scaling: ReturnType<Host["background"]>;
const jobs: string[] = [];
const curve: (Counts & { second: number })[] = [];
const log: string[] = [];
let startedAt: number;

beforeAll(async () => {
  host = await openHost();
  await host.compose("up", "-d", "--scale", "engine=0");
  acme = customer(host.address, await host.key("acme"));
  scanner = (await host.one("clamav")).id;
  door = await dockerDoor(host.state);
}, patienceMs);
afterAll(async () => {
  await scaling?.stop();
  await door?.end();
  await host.end();
}, 120_000);

async function begin(bounds: Counts, least: Counts): Promise<void> {
  await scaling?.stop(); // that of a test which failed
  const named = services.flatMap((service) => [`--${service}`, `${least[service]}:${bounds[service]}`]);
  scaling = host.background("autoscale", { DOCKER_HOST: door.address }, ...named, ...often);
}
async function end(): Promise<void> {
  await scaling.stop();
  log.push(...scaling.log);
}

/** A job in the lane of the office engines. */
async function startOffice(upload: string): Promise<string> {
  const response = await acme.call("POST", "/v1/jobs", { inputs: [{ upload }], steps: [{ operation: "office.to-pdf" }] });
  return Job.parse(await response.json()).id;
}

async function look(): Promise<Counts> {
  const all = await host.containers();
  const of = (service: string) => all.filter((one) => one.service === service && ["running", "paused"].includes(one.status)).length;
  const counts = { engine: of("engine"), "engine-light": of("engine-light"), worker: of("worker") - deciders(all) };
  const last = curve.at(-1);
  if (services.some((service) => counts[service] !== last?.[service]))
    curve.push({ second: Math.round((performance.now() - startedAt) / 1_000), ...counts });
  return counts;
}
/** The decider is a container of the worker's service, too. */
const deciders = (all: { name: string; service: string; status: string }[]) =>
  all.filter(({ name, service, status }) => service === "worker" && status === "running" && name.includes("-run-")).length;

async function reached(wanted: Partial<Counts>): Promise<void> {
  const there = (counts: Counts) => services.every((service) => wanted[service] === undefined || counts[service] === wanted[service]);
  for (const until = Date.now() + patienceMs / 3; !there(await look()); await sleep(1_000))
    if (Date.now() > until)
      throw new Error(`${JSON.stringify(wanted)} was not reached: ${JSON.stringify(curve)}\n${scaling.log.join("\n")}`);
}

test("a backlog raises engines of both lanes to the ceiling and no further, from none where there was none, and workers with them", {
  timeout: patienceMs,
}, async () => {
  const upload = await acme.upload();
  await host.pause(scanner); // so that jobs wait, whatever this machine can do
  for (let n = 0; n < 30; n++) jobs.push(await acme.start(upload));
  const letters = await acme.upload("letter.docx");
  const office: string[] = [];
  for (let n = 0; n < 20; n++) office.push(await startOffice(letters));

  startedAt = performance.now();
  await begin(ceiling, { engine: 4, "engine-light": 1, worker: 1 });
  await reached(ceiling);
  expect((await host.versions()).engine).toEqual(Array.from({ length: ceiling.engine }, () => baseVersion));
  for (const id of office) await acme.call("POST", `/v1/jobs/${id}/cancel`);
});

test("Docker away for a while changes nothing, and of those that are too many one that is sick goes first", {
  timeout: patienceMs,
}, async () => {
  door.shut();
  const said = async (text: string, times: number) => {
    for (const until = Date.now() + patienceMs; scaling.log.filter((line) => line.includes(text)).length < times; await sleep(500))
      if (Date.now() > until) throw new Error(`it did not say "${text}": ${scaling.log.join("\n")}`);
  };
  await said("Docker does not answer", 2);
  expect(await look()).toEqual(ceiling);
  door.open();
  await said("its decider has ended; another one", 1);

  const [, sick] = await host.containersOf("engine-light");
  await host.pause(sick?.id ?? "");
  await host.docker("unpause", scanner);
  for (const id of jobs) expect(await acme.ended(id, patienceMs)).toMatchObject({ state: "succeeded" });
  await reached({ "engine-light": 3 });
  const left = (await host.containers()).filter(({ status }) => ["running", "paused"].includes(status));
  expect(left.map(({ id }) => id)).not.toContain(sick?.id);
  await end();
});

test("bounds that were changed hold at once, and in the end all are back at the floor", { timeout: patienceMs }, async () => {
  await begin({ engine: 1, "engine-light": 2, worker: 1 }, { engine: 1, "engine-light": 1, worker: 1 });
  await reached({ engine: 1, "engine-light": 1, worker: 1 });
  await end();
  const decisions = log.filter((line) => / -> /.test(line));
  console.log(
    `${curve.map(({ second, ...counts }) => `${second} s: ${services.map((service) => `${service} ${counts[service]}`).join(", ")}`).join("\n")}\n${decisions.join("\n")}`,
  );
  for (const service of services) {
    const counts = curve.map((point) => point[service]);
    expect(Math.max(...counts)).toBe(ceiling[service]);
    const peak = counts.indexOf(ceiling[service]);
    expect(counts).toEqual([...counts.slice(0, peak).toSorted(), ...counts.slice(peak).toSorted().toReversed()]);
  }
  await expect.poll(async () => deciders(await host.containers()), { timeout: 60_000, interval: 500 }).toBe(0);
});

test("what `docker compose up -d` has set back to the compose file's numbers meanwhile is brought within the bounds again", {
  timeout: patienceMs,
}, async () => {
  await begin({ engine: 3, "engine-light": 1, worker: 1 }, { engine: 3, "engine-light": 1, worker: 1 });
  await reached({ engine: 3 });
  const before = (await host.containersOf("engine")).map(({ id }) => id);
  await host.compose("up", "-d");
  await reached({ engine: 3 });
  const stayed = (await host.containersOf("engine")).filter(({ id }) => before.includes(id));
  expect(stayed).toHaveLength(1);
  await end();
});
