// Engines follow the work: the curve is printed.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Customer, customer } from "./support/customer.ts";
import { type Host, openHost } from "./support/host.ts";

const patienceMs = 15 * 60_000;
const [floor, ceiling] = [1, 3];
const jobsWaiting = 30;

let host: Host;
let acme: Customer;
beforeAll(async () => {
  host = await openHost();
  await host.compose("up", "-d");
  acme = customer(host.address, await host.key("acme"));
}, patienceMs);
afterAll(() => host.end(), 120_000);

test("a backlog raises engines to the ceiling and no further, and they are back at the floor when it is gone", {
  timeout: patienceMs,
}, async () => {
  const upload = await acme.upload();
  const scanner = await host.one("clamav");
  await host.docker("pause", scanner.id); // so that jobs wait, whatever this machine can do
  const jobs: string[] = [];
  for (let n = 0; n < jobsWaiting; n++) jobs.push(await acme.start(upload));

  const startedAt = performance.now();
  const curve: { second: number; engines: number }[] = [];
  const look = async () => {
    const engines = await host.count("engine-light");
    const second = Math.round((performance.now() - startedAt) / 1_000);
    if (engines !== curve.at(-1)?.engines) curve.push({ second, engines });
    return engines;
  };
  const reached = async (wanted: number) => {
    for (const until = Date.now() + patienceMs / 3; (await look()) !== wanted; await new Promise((resolve) => setTimeout(resolve, 500)))
      if (Date.now() > until) throw new Error(`${wanted} engines were not reached: ${JSON.stringify(curve)}\n${scaling.log.join("\n")}`);
  };

  const bounds = `${floor}:${ceiling}`;
  const scaling = host.background(
    "autoscale",
    "--engine-light",
    bounds,
    "--engine",
    "1:1",
    "--worker",
    "1:1",
    "--every",
    "3",
    "--quiet",
    "5",
  );
  try {
    await reached(ceiling);
    await host.docker("unpause", scanner.id);
    for (const id of jobs) expect(await acme.ended(id, patienceMs)).toMatchObject({ state: "succeeded" });
    await reached(floor);
  } finally {
    await scaling.stop();
  }
  const decisions = scaling.log.filter((line) => / -> /.test(line));
  console.log(`${curve.map(({ second, engines }) => `${second} s: ${engines}`).join(", ")}\n${decisions.join("\n")}`);
  const counts = curve.map(({ engines }) => engines);
  expect(Math.max(...counts)).toBe(ceiling);
  expect(Math.min(...counts)).toBe(floor);
  expect(await host.count("engine")).toBe(1);
  expect(await host.count("worker")).toBe(1);
  const peak = counts.indexOf(ceiling);
  expect(counts).toEqual([...counts.slice(0, peak).toSorted(), ...counts.slice(peak).toSorted().toReversed()]);
  expect(decisions.length).toBeGreaterThanOrEqual(counts.length - 1);
});
