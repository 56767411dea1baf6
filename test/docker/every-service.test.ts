// What holds for every container of the project.
import { describe, expect, test } from "vitest";
import { processesOf } from "./support/processes.ts";
import { runningProject } from "./support/project.ts";

const project = runningProject();
const containers = await project.containers();
const running = containers.filter(({ status }) => status === "running").map(({ service, id }) => [service, id] as const);

test("the one-shot services ended well, and every other runs", () => {
  const ended = containers.filter(({ status }) => status !== "running").map(({ service }) => service);
  expect(ended.sort()).toEqual(["migrate", "secrets"]);
  expect([...new Set(running.map(([service]) => service))].sort()).toEqual(
    ["api", "clamav", "edge", "engine", "engine-light", "freshclam", "postgres", "redis", "worker"].sort(),
  );
});

describe.each(running)("%s", (service, id) => {
  test("is not root, has no capability, may gain none, and its files are read-only", async () => {
    const { HostConfig } = await project.inspect(id);
    expect(HostConfig.ReadonlyRootfs).toBe(true);
    expect(HostConfig.Privileged).toBe(false);
    for (const { status } of await processesOf(project, id)) {
      expect(status).not.toMatch(/^Uid:.*\b0\b/m);
      expect(status).toMatch(/^CapEff:\s+0+$/m);
      expect(status).toMatch(/^CapBnd:\s+0+$/m);
      expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    }
  });

  test("has bounds of processor time, memory and processes, a health check, and comes back when it dies", async () => {
    const { HostConfig, Config } = await project.inspect(id);
    for (const bound of ["NanoCpus", "Memory", "PidsLimit"]) expect(HostConfig[bound], bound).toBeGreaterThan(0);
    expect(Config.Healthcheck?.Test?.length).toBeGreaterThan(1);
    expect(HostConfig.RestartPolicy.Name).toBe("unless-stopped");
  });

  test("has its place among the networks, and publishes no port unless it is the ingress", async () => {
    const { NetworkSettings } = await project.inspect(id);
    const networks = Object.keys(NetworkSettings.Networks).map((name) => name.slice(project.name.length + 1));
    expect(networks.sort()).toEqual(places[service]);
    const published = Object.values<{ HostIp: string }[] | null>(NetworkSettings.Ports).flatMap((ports) => ports ?? []);
    expect(published.map(({ HostIp }) => HostIp)).toEqual(service === "edge" ? ["127.0.0.1"] : []);
  });
});

const places: Record<string, string[]> = {
  edge: ["front", "out"],
  api: ["data", "front"],
  worker: ["data", "engines", "out"],
  postgres: ["data"],
  redis: ["data"],
  clamav: ["data"],
  freshclam: ["out"],
  engine: ["engines"],
  "engine-light": ["engines"],
};
