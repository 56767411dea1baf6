// kill -9, in either profile. Who is to be killed is found before, because a document does not wait.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { BoxHealth } from "#contract/box.ts";
import { expectOk } from "#scripts/stack/probe.ts";
import { readStackFile } from "#scripts/stack/stack-file.ts";
import { projectNamed } from "#test/docker/support/project.ts";

const { profile, place, address } = inject("stack");
export type Kill = () => Promise<void>;

export async function workersToKill(): Promise<Kill> {
  const pids = profile === "docker" ? await containers("worker") : partsNamed("origin").map(({ pid }) => pid);
  return async () => {
    for (const pid of pids) process.kill(pid, "SIGKILL");
  };
}

/** Those that are busy when the time has come. */
export async function busyBoxesToKill(): Promise<Kill> {
  if (profile === "docker") {
    const pids = await containers("engine");
    return async () => {
      for (const pid of pids) if (hasTask(pid)) process.kill(pid, "SIGKILL");
    };
  }
  const parts = partsNamed("box-office");
  return async () => {
    for (const { name, pid } of parts) if (await isBusy(join(place, "run", name, "box.sock"))) process.kill(pid, "SIGKILL");
  };
}

const containers = async (service: string) =>
  (await projectNamed(place, Number(new URL(address).port)).containersOf(service)).map(({ pid }) => pid);

/** A task has a directory, which this machine's root sees in the container. */
const hasTask = (pid: number): boolean => readdirSync(`/proc/${pid}/root/work`).some((name) => name.startsWith("task-"));

async function isBusy(socket: string): Promise<boolean> {
  const health = await expectOk(`unix:${socket}`, "/health", AbortSignal.timeout(30_000));
  return BoxHealth.parse(JSON.parse(health)).slot === "busy";
}

const partsNamed = (prefix: string) =>
  (readStackFile(join(place, "stack.json"))?.parts ?? []).filter(({ name }) => name.startsWith(prefix));
