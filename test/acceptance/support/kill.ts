// kill -9, in either profile.
import { join } from "node:path";
import { inject } from "vitest";
import { BoxHealth } from "#contract/box.ts";
import { expectOk } from "#scripts/stack/probe.ts";
import { readStackFile } from "#scripts/stack/stack-file.ts";
import { projectNamed } from "#test/docker/support/project.ts";

const { profile, place, address } = inject("stack");
const docker = () => projectNamed(place, Number(new URL(address).port));

export async function killWorkers(): Promise<void> {
  if (profile === "docker") for (const { pid } of await docker().containersOf("worker")) process.kill(pid, "SIGKILL");
  else for (const { pid } of partsNamed("origin")) process.kill(pid, "SIGKILL");
}

export async function killBusyBoxes(): Promise<void> {
  if (profile === "docker") {
    for (const { id, pid } of await docker().containersOf("engine"))
      if (isBusy(await docker().exec(id, ["node", "healthy.mjs", "http://127.0.0.1:8790/health"]))) process.kill(pid, "SIGKILL");
  } else {
    for (const { name, pid } of partsNamed("box-office"))
      if (isBusy(await expectOk(`unix:${join(place, "run", name, "box.sock")}`, "/health", AbortSignal.timeout(2_000))))
        process.kill(pid, "SIGKILL");
  }
}

const isBusy = (health: string): boolean => BoxHealth.parse(JSON.parse(health)).slot === "busy";

const partsNamed = (prefix: string) =>
  (readStackFile(join(place, "stack.json"))?.parts ?? []).filter(({ name }) => name.startsWith(prefix));
