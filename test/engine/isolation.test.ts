import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, dirname } from "node:path";
import { expect, test } from "vitest";
import { doneOf, testBox } from "./support/box.ts";
import { linkingDocuments } from "./support/linking.ts";
import { boxProcess, descendants, readOf } from "./support/processes.ts";

process.env.CANARY_SECRET = "canary-of-the-host";
const box = await testBox();
const pids = () => descendants(box.box.child.pid ?? 0).map(({ pid }) => pid);
const main = () => boxProcess(box.box.child.pid ?? 0);

test("the box has no network", () => {
  const devices = readFileSync(`/proc/${main()}/net/dev`, "utf8")
    .split("\n")
    .slice(2)
    .map((line) => line.split(":")[0]?.trim())
    .filter(Boolean);
  expect(devices).toEqual(["lo"]);
  expect(readFileSync(`/proc/${main()}/net/route`, "utf8").trim().split("\n")).toHaveLength(1);
});

test("a document that links to a server of this machine reaches nobody", async () => {
  let asked = 0;
  const listener = createServer((_request, response) => {
    asked++;
    response.end();
  });
  await new Promise<void>((listening) => listener.listen(0, "127.0.0.1", listening));
  const { port } = listener.address() as AddressInfo; // a TCP listener has one
  for (const { filename, bytes } of linkingDocuments(`http://127.0.0.1:${port}/picture.png`)) {
    const task = await box.open();
    await box.put(task, bytes);
    const events = await box.run(task, { operation: "office.to-pdf", filename });
    expect(events.at(-1)?.event).toBe("done");
    await box.call("DELETE", `/tasks/${task}`);
  }
  listener.close();
  expect(asked).toBe(0);
});

test("no process of the box knows the host's environment", async () => {
  doneOf(await box.convert("letter.docx", { operation: "office.to-pdf" }));
  const environments = pids().map((pid) => readOf(pid, "environ"));
  expect(environments.join()).toContain("BOX_WORKSPACE");
  expect(environments.join()).not.toContain("canary");
});

test("the box sees no accounts, no homes and only its own rooms of the repository", () => {
  const root = `/proc/${main()}/root`;
  const top = readdirSync(root);
  for (const hidden of ["home", "root", "mnt", "srv"]) expect(top).not.toContain(hidden);
  expect(readdirSync(`${root}/etc`)).not.toContain("passwd");
  expect(readdirSync(`${root}/app`).sort()).toEqual(["contract", "node_modules", "origin", "package.json"]);
  expect(readdirSync(`${root}/app/origin`)).toEqual(["engine"]);
});

test("no program of the box has a capability, none is root, and the kernel's filter is on", () => {
  const programs = descendants(box.box.child.pid ?? 0).filter(({ name }) => name !== "bwrap"); // its reaper, which runs nothing
  expect(programs.map(({ name }) => name)).toContain("soffice.bin");
  for (const { pid } of programs) {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    expect(status).toMatch(/^CapEff:\s+0+$/m);
    expect(status).toMatch(/^CapBnd:\s+0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(status).toMatch(/^Seccomp:\s+2$/m);
    expect(status).not.toMatch(/^Uid:.*\b0\b/m);
  }
});

test("the filter's file is gone as soon as the box has it", () => {
  const folder = dirname(box.box.socket);
  expect(readdirSync(dirname(folder)).filter((name) => name.startsWith(basename(folder)))).toEqual([basename(folder)]);
});

test("everything but the workspace and the socket's folder is read-only", () => {
  const mounts = readFileSync(`/proc/${main()}/mountinfo`, "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split(" "));
  const writable = mounts.filter((fields) => !fields[5]?.split(",").includes("ro")).map((fields) => fields[4]);
  const own = writable.filter((path) => !/^\/(proc|dev\/.+)$/.test(path ?? "") && !path?.startsWith("/proc/"));
  expect(own.sort()).toEqual(["/run/box", "/tmp", "/work"]);
});
