// What a box looks like at rest: its processes by name, and what lies in its two writable folders.
import { readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { boxHealth } from "#scripts/stack/box.ts";
import { macroFile } from "../make/macros.ts";
import type { House } from "./house.ts";

export type Rest = { processes: ReadonlySet<string>; files: ReadonlySet<string> };

/** Files that LibreOffice and Node make for themselves, whose names differ from start to start. */
const own = /^(OSL_PIPE_|lu\w+\.tmp|\.?hsperf|node-compile-cache|office|profile|tmp)/;

export function restOf(house: House): Rest {
  const processes = house.boxProcesses();
  const roots = processes.filter(({ name }) => name === "node" || name === "MainThread");
  const files = roots.flatMap(({ pid }) =>
    ["work", "tmp"].flatMap((folder) => list(`/proc/${pid}/root/${folder}`).map((name) => `${folder}/${name}`)),
  );
  return { processes: new Set(processes.map(({ name }) => name)), files: new Set(files) };
}

/** What is there that was not there before any hostile file; empty when every box is free, clean and alone. */
export async function unrest(house: House, before: Rest): Promise<string[]> {
  let found: string[] = [];
  for (const until = Date.now() + 120_000; Date.now() < until; await sleep(500)) {
    const slots = await Promise.all(house.boxSockets.map((socket) => boxHealth(socket)));
    const { processes, files } = restOf(house);
    found = [
      ...slots.flatMap((health, index) => (health?.office.replaced.intruder ? [`box ${index} has found an intruder`] : [])),
      ...slots.flatMap((health, index) =>
        health?.slot === "free" && health.ready ? [] : [`box ${index} is ${health?.slot ?? "away"}, ready: ${health?.ready}`],
      ),
      ...[...processes].filter((name) => !before.processes.has(name)).map((name) => `a process ${name} is left`),
      ...[...files]
        .filter((path) => !before.files.has(path) && !own.test(path.slice(path.indexOf("/") + 1)))
        .map((path) => `the file ${path} is left in a box`),
    ];
    if (found.length === 0) return [];
  }
  return found;
}

/** Whether a macro of the macro rows has written its file, in a box or on this machine. */
export function macroHasRun(house: House): boolean {
  const roots = ["", ...house.boxProcesses().map(({ pid }) => `/proc/${pid}/root`)];
  return roots.some((root) => list(`${root}/tmp`).includes(macroFile.slice("/tmp/".length)));
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return []; // the process ended meanwhile
  }
}
