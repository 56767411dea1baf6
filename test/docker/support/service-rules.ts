// What holds for every container of a project, as its engine and the kernel tell it.
import { expect } from "vitest";
import { processesOf } from "./processes.ts";
import type { Project } from "./project.ts";

type Inspecting = Pick<Project, "name" | "inspect" | "docker">;

/** `root`: whose image knows no other user; `capabilities` as the kernel writes them, in hexadecimal. */
export async function expectSealed(project: Inspecting, id: string, { root = false, capabilities = "0" } = {}): Promise<void> {
  const { HostConfig } = await project.inspect(id);
  expect(HostConfig.ReadonlyRootfs).toBe(true);
  expect(HostConfig.Privileged).toBe(false);
  expect(HostConfig.CapDrop).toEqual(["ALL"]);
  for (const { status } of await processesOf(project, id)) {
    if (!root) expect(status).not.toMatch(/^Uid:.*\b0\b/m);
    for (const set of ["CapEff", "CapBnd"]) expect(status).toMatch(new RegExp(`^${set}:\\s+0*${capabilities}$`, "m"));
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
  }
}

export async function expectBounded(project: Inspecting, id: string): Promise<void> {
  const { HostConfig, Config } = await project.inspect(id);
  for (const bound of ["NanoCpus", "Memory", "PidsLimit"]) expect(HostConfig[bound], bound).toBeGreaterThan(0);
  expect(Config.Healthcheck?.Test?.length).toBeGreaterThan(1);
  expect(HostConfig.RestartPolicy.Name).toBe("always");
}

/** `published`: the addresses of this machine that lead to it, as HOST:PORT. */
export async function expectInPlace(project: Inspecting, id: string, networks: string[], published: string[]): Promise<void> {
  const { NetworkSettings } = await project.inspect(id);
  expect(
    Object.keys(NetworkSettings.Networks)
      .map((name) => name.slice(project.name.length + 1))
      .sort(),
  ).toEqual(networks);
  const found = Object.values<{ HostIp: string; HostPort: string }[] | null>(NetworkSettings.Ports).flatMap((ports) => ports ?? []);
  expect([...new Set(found.filter(({ HostIp }) => HostIp !== "::").map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}`))].sort()).toEqual(
    published,
  );
}

/** Of the services of compose.yaml. */
export const places: Record<string, string[]> = {
  api: ["data", "front"],
  worker: ["data", "engines", "out"],
  postgres: ["data"],
  redis: ["data"],
  clamav: ["data"],
  freshclam: ["out"],
  engine: ["engines"],
  "engine-light": ["engines"],
};
