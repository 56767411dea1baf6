// What a program that has taken over an engine box would find.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { linkingDocuments } from "#test/engine/support/linking.ts";
import { patientClient } from "./support/patient-client.ts";
import { inside, openDoors, reach } from "./support/probe.ts";
import { processesOf } from "./support/processes.ts";
import { type Container, runningProject } from "./support/project.ts";
import { type Attempt, attempts, refusals, tryCalls } from "./support/system-calls.ts";

const project = runningProject();
const secretFiles = [
  "edge_key",
  "options_key",
  "auth_secret",
  "postgres_password",
  "redis_password",
  "r2_access_key_id",
  "r2_secret_access_key",
];

let engine: Container;
let other: Container;
let worker: Container;
let visits = 0;
const listener = createServer((_request, response) => {
  visits++;
  response.end();
});

beforeAll(async () => {
  [engine, other] = (await project.containersOf("engine")) as [Container, Container]; // two are started
  worker = await project.one("worker");
  await new Promise<void>((listening) => listener.listen(0, "0.0.0.0", listening));
});
afterAll(() => void listener.close());

const listenerPort = () => (listener.address() as AddressInfo).port; // a TCP listener has one
const ownAddresses = () =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => address);
const allReached = (found: Record<string, string>) => Object.values(found).every((outcome) => outcome === "reached");

/** Every address of every container of a service, in whatever network. */
async function addressesOf(service: string, port: number): Promise<string[]> {
  const all = await Promise.all((await project.containersOf(service)).map(({ id }) => project.inspect(id)));
  return all.flatMap(({ NetworkSettings }) =>
    Object.values<{ IPAddress: string }>(NetworkSettings.Networks).map(({ IPAddress }) => `${IPAddress}:${port}`),
  );
}

describe("an engine reaches", () => {
  test("neither PostgreSQL, Redis, clamd, the api, the worker nor the edge, by address or by name, though the worker reaches what it needs", async () => {
    const servers = { postgres: 5432, redis: 6379, clamav: 3310, api: 8788, edge: Number(process.env.TRUSTY_PORT) };
    const needed = [`postgres:${servers.postgres}`, `redis:${servers.redis}`, `clamav:${servers.clamav}`];
    await expect.poll(async () => allReached(await reach(project, worker.id, needed)), { timeout: 60_000 }).toBe(true); // the probe works
    const lists = await Promise.all(Object.entries({ ...servers, worker: 8788 }).map(([service, port]) => addressesOf(service, port)));
    const names = Object.entries(servers).map(([service, port]) => `${service}:${port}`);
    const found = await reach(project, engine.id, [...lists.flat(), ...names]);
    expect(Object.entries(found).filter(([, outcome]) => outcome === "reached")).toEqual([]);
  });

  test("no address of the machine it runs on, though the worker does", async () => {
    const gateways = (await project.inspect(worker.id)).NetworkSettings.Networks as Record<string, { Gateway: string }>;
    const [gateway] = Object.values(gateways).flatMap(({ Gateway }) => (Gateway && ownAddresses().includes(Gateway) ? [Gateway] : []));
    expect(gateway, "the worker has a way out").toBeDefined();
    await expect
      .poll(async () => allReached(await reach(project, worker.id, [`${gateway}:${listenerPort()}`])), { timeout: 60_000 })
      .toBe(true);
    const found = await reach(
      project,
      engine.id,
      ownAddresses().map((address) => `${address}:${listenerPort()}`),
    );
    expect(Object.entries(found).filter(([, outcome]) => outcome === "reached")).toEqual([]);
  });

  test("no name server of the world: only names of its own network are answered", async () => {
    const program = `const { lookup } = require("node:dns/promises");
      Promise.all(process.argv.slice(1).map((name) => lookup(name).then(() => name, () => undefined))).then((found) => console.log(JSON.stringify(found.filter(Boolean))));`;
    expect(
      JSON.parse(await inside(project, engine.id, program, ["engine", "example.com", "database.clamav.net", "postgres", "api"])),
    ).toEqual(["engine"]);
  });

  test("of another engine one door only, which is closed to it and open to the worker", async () => {
    expect(await openDoors(project, other.id)).toEqual(["tcp:8790"]);
    const program = `const [box, ...asked] = process.argv.slice(1);
      const ask = (what) => fetch(box + what.split(" ")[1], { method: what.split(" ")[0] }).then(({ status }) => status, () => "nothing");
      Promise.all(asked.map(ask)).then((answers) => console.log(JSON.stringify(answers)));`;
    const [address] = await addressesOf("engine", 8790).then((all) => all.filter((one) => one.startsWith(ipOf(other))));
    const ask = async ({ id }: Container, ...asked: string[]) =>
      JSON.parse(await inside(project, id, program, [`http://${address}`, ...asked]));
    expect(await ask(engine, "POST /tasks", "GET /health")).toEqual(["nothing", "nothing"]);
    expect(await ask(worker, "GET /health")).toEqual([200]);
  });

  const ips = new Map<string, string>();
  beforeAll(async () => {
    for (const { id } of [engine, other]) {
      const networks = (await project.inspect(id)).NetworkSettings.Networks as Record<string, { IPAddress: string }>;
      expect(Object.keys(networks)).toEqual([`${project.name}_engines`]);
      for (const { IPAddress } of Object.values(networks)) ips.set(id, IPAddress);
    }
  });
  const ipOf = ({ id }: Container) => ips.get(id) ?? "none";
});

test("an engine has no IPv6 address by which it could reach what IPv4 does not", async () => {
  const addresses = await inside(project, engine.id, `console.log(require("node:fs").readFileSync("/proc/net/if_inet6", "latin1"))`);
  expect(addresses.split("\n").filter((line) => line && !line.endsWith(" lo"))).toEqual([]);
});

test("no secret is in the environment of any process of an engine, nor in its settings", async () => {
  const secrets = await Promise.all(secretFiles.map(project.secret));
  const settings = JSON.stringify(await project.inspect(engine.id));
  const environments = (await processesOf(project, engine.id)).map(({ environment }) => environment);
  expect(environments.join()).toContain("BOX_SANDBOX=container");
  for (const text of [settings, ...environments]) {
    for (const secret of secrets) expect(text.includes(secret)).toBe(false);
    expect(text).not.toMatch(/(^|\0|")[A-Z_]*(SECRET|PASSWORD|TOKEN|_KEY|DATABASE|REDIS)[A-Z_]*=/);
  }
});

test("an engine has no mount, and can write nowhere but to its bounded file systems in memory", async () => {
  const { Mounts, HostConfig } = await project.inspect(engine.id);
  expect(Mounts).toEqual([]);
  expect(HostConfig.ReadonlyRootfs).toBe(true);
  const mounts = await inside(project, engine.id, `console.log(require("node:fs").readFileSync("/proc/mounts", "latin1"))`);
  const writable = mounts
    .trim()
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, path = "", , options = ""]) => options.split(",").includes("rw") && !/^\/(proc|sys|dev)(\/|$)/.test(path));
  expect(writable.map(([, path]) => path).sort()).toEqual(["/tmp", "/work"]);
  for (const [, , type, options] of writable) expect(`${type},${options}`).toMatch(/^tmpfs,.*\bnosuid,nodev,noexec\b.*\bsize=/);
  const closed = ["/x", "/app/x", "/usr/bin/x", "/etc/hosts", "/dev/x", "/proc/sys/kernel/core_pattern", "/sys/fs/cgroup/x"];
  const open = ["/work/x", "/tmp/x"];
  const program = `const { writeFileSync } = require("node:fs");
    console.log(JSON.stringify(process.argv.slice(1).map((path) => { try { writeFileSync(path, ""); return "written"; } catch (error) { return error.code; } })));`;
  const outcomes = JSON.parse(await inside(project, engine.id, program, [...open, ...closed]));
  expect(outcomes.slice(0, open.length)).toEqual(["written", "written"]);
  for (const outcome of outcomes.slice(open.length)) expect(["EROFS", "EACCES"]).toContain(outcome);
});

test("what a task has left in an engine's file systems is gone when the next one begins", async () => {
  const program = `const { readdirSync, writeFileSync } = require("node:fs");
    const box = "http://127.0.0.1:8790/tasks";
    (async () => {
      let answer;
      do {
        for (const folder of ["/tmp", "/work"]) writeFileSync(folder + "/left", "of a customer");
        answer = await fetch(box, { method: "POST" });
      } while (!answer.ok && (await new Promise((wake) => setTimeout(wake, 200, true))));
      const { task } = await answer.json();
      console.log(JSON.stringify([...readdirSync("/tmp"), ...readdirSync("/work")]));
      await fetch(box + "/" + task, { method: "DELETE" });
    })();`;
  const names: string[] = JSON.parse(await inside(project, engine.id, program));
  expect(names).toContain("office");
  expect(names).not.toContain("left");
});

test("no process of an engine is root, has a capability or may gain one, and the kernel's filter is on", async () => {
  const processes = await processesOf(project, engine.id);
  expect(processes.map(({ name }) => name)).toContain("soffice.bin");
  for (const { status } of processes) {
    expect(status).toMatch(/^Uid:\s+10002\s+10002\s+10002\s+10002$/m);
    for (const set of ["CapEff", "CapPrm", "CapBnd"]) expect(status).toMatch(new RegExp(`^${set}:\\s+0+$`, "m"));
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(status).toMatch(/^Seccomp:\s+2$/m);
  }
});

test("the engine's own process shows its memory and environment to nobody beside it, and opens no debugger", async () => {
  const program = `const { openSync, readdirSync, readFileSync } = require("node:fs");
    const line = (pid) => { try { return readFileSync("/proc/" + pid + "/cmdline", "latin1"); } catch { return ""; } };
    const main = readdirSync("/proc").find((pid) => /^\\d+$/.test(pid) && /^[^\\0]*node\\0.*engine\\/main.ts/s.test(line(pid)));
    const tries = (file) => { try { openSync("/proc/" + main + "/" + file); return "opened"; } catch (error) { return error.code; } };
    process.kill(Number(main), "SIGUSR1");
    setTimeout(() => fetch("http://127.0.0.1:9229/json").then(() => "open", () => "closed").then((debug) =>
      console.log(JSON.stringify([...["mem", "maps", "environ"].map(tries), debug]))), 500);`;
  expect(JSON.parse(await inside(project, engine.id, program))).toEqual(["EACCES", "EACCES", "EACCES", "closed"]);
});

describe("the kernel's filter", () => {
  const all = Object.keys(attempts) as Attempt[];
  const refusedOf = (found: Record<string, string>) => Object.keys(found).filter((name) => refusals.includes(found[name] ?? ""));

  test("refuses an engine the system calls and sockets that no conversion needs", async () => {
    expect(refusedOf(await tryCalls(project, ["exec", engine.id], all))).toEqual(all);
  });

  test("is what refuses them: without it the same image gets beyond the door", async () => {
    const { Config } = await project.inspect(engine.id);
    const sealed = ["--network=none", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--security-opt=seccomp=unconfined"];
    const possible = all.filter((name) => "possible" in attempts[name]);
    expect(refusedOf(await tryCalls(project, ["run", "--rm", ...sealed, "--entrypoint=", Config.Image], possible))).toEqual([]);
  });
});

test("an engine holds its role and the contract, and nothing else of the house", async () => {
  const list = (path: string) =>
    inside(project, engine.id, `console.log(JSON.stringify(require("node:fs").readdirSync("${path}").sort()))`).then(JSON.parse);
  expect(await list("/app")).toEqual(["contract", "healthy.mjs", "node_modules", "origin", "package.json"]);
  expect(await list("/app/origin")).toEqual(["engine"]);
  for (const foreign of ["bullmq", "ioredis", "pg", "hono", "better-auth"]) expect(await list("/app/node_modules")).not.toContain(foreign);
});

test("a document that phones home is converted, and reaches nobody", async () => {
  const acme = await patientClient(project);
  visits = 0;
  const [address] = ownAddresses();
  for (const { filename, bytes } of linkingDocuments(`http://${address}:${listenerPort()}/picture.png`)) {
    const job = await acme.convert(filename, new Uint8Array(bytes));
    expect(job).toMatchObject({ state: "succeeded", engine: { sandbox: "container" } });
  }
  expect(visits).toBe(0);
  await fetch(`http://${address}:${listenerPort()}/`);
  expect(visits, "the listener counts").toBe(1);
});
